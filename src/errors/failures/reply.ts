import { ChoragusError } from '../choragus-error.js';

/** Returns the error for a line that is not JSON. It shows nothing of the line: a line is content. */
export function notJson(characters: number): ChoragusError {
  return new ChoragusError('protocol_error', `a line of ${characters} characters is not JSON`);
}

/** Returns the error for a reply that is not JSON only because of a number such as `NaN`. */
export function nonFiniteNumber(token: string, position: number): ChoragusError {
  const message = `a line is not JSON: ${token} at position ${position}`;
  return new ChoragusError('protocol_error', message, { delivery: 'answered' });
}

/** Returns the error for a line that is JSON, but not an object. */
export function notAnObject(): ChoragusError {
  return new ChoragusError('protocol_error', 'a line is not a JSON object');
}

/** Returns the error for a part of an answer that cannot be read. `said` is the part itself. */
export function unreadablePart(why: 'is not JSON' | 'is not a JSON object', said: string): ChoragusError {
  return new ChoragusError('protocol_error', `a part of the answer ${why}`, { said });
}

/** Returns the error for bytes that the wire's own protocol does not allow. */
export function notOfWire(what: 'HTTP' | 'a WebSocket frame', code: string, ci: string, cause: unknown): ChoragusError {
  return new ChoragusError('protocol_error', `the peer sent bytes that are not ${what} (${code})`, { ci, cause });
}

/** Returns the error for an answer that stopped before its end. */
export function cutAnswer(): ChoragusError {
  return new ChoragusError('protocol_error', 'the answer was cut: it has no end');
}

/** Returns the error for an answer or a chunk without a text. */
export function withoutContent(what: 'a chunk' | 'an answer'): ChoragusError {
  return new ChoragusError('protocol_error', `${what} without content`, { delivery: 'answered' });
}

/** Returns the error for a reply whose type does not fit the request's. */
export function wrongReplyType(requestType: string): ChoragusError {
  return new ChoragusError('protocol_error', `an answer of the wrong type to ${requestType}`, { delivery: 'answered' });
}

/** Returns the error for a reply without an id that came after the reply to the probe behind its request. */
export function unprovedReply(): ChoragusError {
  const message = 'an answer without an id came after the answer to a later request: nothing proves whose it is';
  return new ChoragusError('protocol_error', message);
}

/** Returns the error for an answer, or a part of one, that is longer than `maxReplyBytes`. */
export function replyTooLarge(
  what: 'a line' | 'a message' | 'an answer' | 'a stream' | 'a part of an answer',
  maxReplyBytes: number,
  unit: 'bytes' | 'characters',
): ChoragusError {
  const message = `${what} has more than ${maxReplyBytes} ${unit}: raise the option "maxReplyBytes" to accept it`;
  return new ChoragusError('reply_too_large', message);
}
