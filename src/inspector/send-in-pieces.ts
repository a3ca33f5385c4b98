import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** Sends text piece by piece, each in a turn of its own and no faster than it is read. */
export async function sendInPieces(response: ServerResponse, pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    if (response.destroyed) return;
    const isFull = !response.write(piece);
    if (isFull) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    else await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}
