import type { Frame } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';
import { lineWithId, RawLine } from '../protocol/raw-line.js';

/** A line for a client: as the CI sent it, with the client's own id in place of ours, or without any where it sent none. */
export function answerLine(frame: Frame, line: string | undefined, id: string | undefined): string {
  if (line === undefined) {
    const { request_id: _, ...rest } = frame;
    return lineWithId(rest, id);
  }
  // On a wire of messages, one may be JSON over several lines: between its tokens, since a text holds no line end.
  const text = line.includes('\n') ? line.replaceAll('\n', ' ') : line;
  // Else the CI echoed none, and the line is its own from end to end.
  if (typeof frame.request_id !== 'string') return text;
  const raw = RawLine.read(text);
  if (raw === undefined) return text;
  return id === undefined ? raw.withoutId() : raw.withId(id);
}

/** The beginning of a stream, on a wire that has no such frame. */
export function startLine(id: string | undefined): string {
  return lineWithId({ type: 'stream_start' }, id);
}

/** A failure of ours, for a client that understands it. */
export function failureLine({ code, delivery, reason }: ChoragusError, isStream: boolean, id: string): string {
  return lineWithId({ type: isStream ? 'stream_error' : 'error', error: reason, code, delivery }, id);
}

/** An error that a CI told of in no line, as a model server does: its own words, on the clients' wire. */
export function errorLine({ said, reason }: ChoragusError, isStream: boolean, id: string | undefined): string {
  return lineWithId({ type: isStream ? 'stream_error' : 'error', error: said ?? reason }, id);
}
