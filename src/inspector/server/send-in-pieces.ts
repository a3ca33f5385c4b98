import type { ServerResponse } from 'node:http';

/** Sends text piece by piece, each in a turn of its own and no faster than it is read. */
export async function sendInPieces(response: ServerResponse, pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    if (response.destroyed) return;
    if (response.write(piece)) await new Promise((resolve) => setImmediate(resolve));
    else await drained(response);
  }
  response.end();
}

/** There is room again, or nobody reads any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
