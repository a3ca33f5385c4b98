import type { ServerResponse } from 'node:http';
import { type Fault, mayRepeat } from './refusal.js';

/** How long a client may read nothing of an answer that is complete, in ms. */
const UNREAD_MS = 60_000;

/** Ends an answer. The connection of a client that stops reading is cut after a while. */
export function endResponse(response: ServerResponse, last?: string | Buffer): void {
  response.end(last);
  if (response.writableLength > 0) response.setTimeout(UNREAD_MS, () => response.destroy());
}

/** Answers with a value as JSON. */
export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  endResponse(response, body);
}

/** Sets the headers by which clients decide whether to ask again. */
export function setRepeatHeaders(response: ServerResponse, fault: Fault): void {
  const { retryAfterMs } = fault;
  response.setHeader('x-should-retry', String(mayRepeat(fault)));
  // In whole seconds, at least one: some clients read 0 as "none".
  if (retryAfterMs !== undefined)
    response.setHeader('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
}
