import type { ServerResponse } from 'node:http';
import { pageFile } from './page-files.js';

/** Answers with a line of text. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(`${text}\n`);
}

/** Refuses a body that is too large. */
export function sendTooLarge(response: ServerResponse): void {
  sendText(response, 413, 'The body is too large: send at most 16 KiB.');
}

/** Answers with a value as JSON. */
export function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

/** Answers with a file of the page. */
export function sendFile(response: ServerResponse, name: string): void {
  const file = pageFile(name);
  if (file === undefined) return sendText(response, 500, 'The page is not built: run npm run build.');
  response.setHeader('content-type', file.type);
  response.end(file.body);
}

/** Sends text piece by piece, each in its own turn of the event loop, and waits while the client does not read. */
export async function sendInPieces(response: ServerResponse, pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    if (response.destroyed) return;
    if (response.write(piece)) await new Promise((resolve) => setImmediate(resolve));
    else await drained(response);
  }
  response.end();
}

/** Settles when the client reads again, or has left. */
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
