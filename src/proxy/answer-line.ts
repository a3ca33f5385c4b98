import type { Frame } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';
import { lineWithId, RawLine } from '../protocol/raw-line.js';

/** Returns a CI's line for a client: our id is replaced by the client's id, or removed if the client sent none. */
export function answerLine(frame: Frame, line: string | undefined, id: string | undefined): string {
  if (line === undefined) {
    const { request_id: _, ...rest } = frame;
    return lineWithId(rest, id);
  }
  // A WebSocket message may contain line ends between its JSON tokens. A JSON string contains none.
  const text = line.includes('\n') ? line.replaceAll('\n', ' ') : line;
  // The CI sent no id: the line stays unchanged.
  if (typeof frame.request_id !== 'string') return text;
  const raw = RawLine.read(text);
  if (raw === undefined) return text;
  return id === undefined ? raw.withoutId() : raw.withId(id);
}

/** Returns the `stream_start` line, for a wire that has no such frame. */
export function startLine(id: string | undefined): string {
  return lineWithId({ type: 'stream_start' }, id);
}

/** Returns a failure of Choragus as a line, for a client that sent `"choragus": true`. */
export function failureLine({ code, delivery, reason }: ChoragusError, isStream: boolean, id: string): string {
  return lineWithId({ type: isStream ? 'stream_error' : 'error', error: reason, code, delivery }, id);
}

/** Returns an error of a CI as a line, if the CI did not send it as a line: for example a model server's. */
export function errorLine({ said, reason }: ChoragusError, isStream: boolean, id: string | undefined): string {
  return lineWithId({ type: isStream ? 'stream_error' : 'error', error: said ?? reason }, id);
}
