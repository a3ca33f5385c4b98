import type { IncomingMessage } from 'node:http';
import { isPlainObject } from '../checks/index.js';
import { Refusal } from './refusal.js';

/** Deepest nesting of a body. JSON.stringify, which sends it on, recurses; no protocol needs more. */
const MOST_DEPTH = 128;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What a route takes as its body. */
export interface BodyTerms {
  readonly maxBytes: number;
  readonly takesForm: boolean;
}

/** Reads the JSON object in a request's body. @throws Refusal if it has none, or too much */
export async function readBody(request: IncomingMessage, terms: BodyTerms): Promise<Record<string, unknown>> {
  refuseType(request, terms);
  const value = parse(decode(await bytesOf(request, terms.maxBytes)));
  if (!isPlainObject(value)) throw invalid('the body is not a JSON object');
  if (isDeeper(value, MOST_DEPTH)) throw invalid(`the body is nested deeper than ${MOST_DEPTH} levels`);
  return value as Record<string, unknown>;
}

function refuseType({ headers }: IncomingMessage, { takesForm }: BodyTerms): void {
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  const isJson = /^\s*application\/(?:json|[\w.+-]+\+json)\s*$/i.test(type);
  const isForm = takesForm && /^\s*(?:application\/x-www-form-urlencoded)?\s*$/i.test(type);
  if (!isJson && !isForm) {
    throw new Refusal(415, 'unsupported_media_type', 'the content type must be application/json');
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new Refusal(415, 'unsupported_media_type', 'the body must not be compressed');
  }
}

/** Reads a body to its end, and drops one that is too large: a client that is cut off would not read the answer. */
function bytesOf(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > maxBytes) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const take = (piece: Buffer): void => {
      bytes += piece.length;
      if (bytes <= maxBytes) pieces.push(piece);
      else {
        request.off('data', take).resume();
        reject(tooLarge(maxBytes));
      }
    };
    request.on('data', take);
    request.once('end', () => resolve(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)));
    // Nobody reads the answer to a body that was cut off.
    request.once('close', () => reject(invalid('the body is cut off')));
    request.once('error', () => reject(invalid('the body is cut off')));
  });
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal(413, 'too_large', `the body is larger than ${maxBytes} bytes`);
}

function decode(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw invalid('the body is not valid UTF-8');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error quotes the text, which is content.
    throw invalid(text.trim() === '' ? 'the body is empty: send a JSON object' : 'the body is not valid JSON');
  }
}

function invalid(message: string): Refusal {
  return new Refusal(400, 'invalid_request', message);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const one of Object.values(value)) if (isDeeper(one, levels - 1)) return true;
  return false;
}
