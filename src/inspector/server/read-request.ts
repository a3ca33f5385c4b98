import type { IncomingMessage } from 'node:http';
import type { Intervention } from '../../observe/watchable.js';

const MOST_BYTES = 16_384;

/** Reads the JSON object in a request's body, or returns why it cannot. */
export async function readBody(
  request: IncomingMessage,
): Promise<Readonly<Record<string, unknown>> | 'too large' | 'no object'> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) return 'no object';
  const text = await textOf(request);
  if (text === undefined) return 'too large';
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : 'no object';
  } catch {
    return 'no object';
  }
}

/** Reads one field of a posted form; an empty text if it is absent. Or returns why it cannot. */
export async function readField(
  request: IncomingMessage,
  name: string,
): Promise<{ readonly text: string } | 'too large' | 'no form'> {
  if (!/^application\/x-www-form-urlencoded\b/.test(request.headers['content-type'] ?? '')) return 'no form';
  const text = await textOf(request);
  return text === undefined ? 'too large' : { text: new URLSearchParams(text).get(name) ?? '' };
}

/** Reads a body; `undefined` if it is too large. Reads it to its end in any case: a client that is cut off would not read the answer. */
function textOf(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    let pieces: Buffer[] = [];
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > MOST_BYTES) pieces = [];
      else pieces.push(piece);
    });
    const over = (): void => resolve(bytes > MOST_BYTES ? undefined : Buffer.concat(pieces).toString());
    // A body that is cut off emits no 'end'.
    request.once('end', over).once('close', over);
  });
}

const onConnection = ['reconnect', 'retire', 'ping'];
const onCi = ['drain', 'lift-quarantine'];

/** Reads the action from a body; `undefined` if it contains none. */
export function readIntervention(body: Readonly<Record<string, unknown>>): Intervention | undefined {
  const { do: what, connection, ci } = body;
  if (typeof what !== 'string') return undefined;
  if (onConnection.includes(what) && typeof connection === 'string') return { do: what, connection } as Intervention;
  if (onCi.includes(what) && typeof ci === 'string') return { do: what, ci } as Intervention;
  return undefined;
}
