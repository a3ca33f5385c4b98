import type { IncomingMessage } from 'node:http';

const MOST_BYTES = 16_384;

/** The JSON object in a request's body; `undefined` when it is too large, or none. */
export async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) return undefined;
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of request) {
      bytes += (piece as Buffer).length;
      if (bytes > MOST_BYTES) return undefined;
      pieces.push(piece as Buffer);
    }
    const value: unknown = JSON.parse(Buffer.concat(pieces).toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
