import type { Frame } from '../contract/index.js';
import { notAnObject, notJson, peerWords } from '../errors/index.js';

/** The part that a frame plays in an answer: a whole reply, or a part of a stream. */
export type FrameKind = 'reply' | 'streamStart' | 'chunk' | 'streamEnd' | 'streamError';

/**
 * Parses one line.
 *
 * @throws ChoragusError `protocol_error` if it is not JSON, or not an object. The message shows none of the line.
 */
export function parseFrame(line: string): Frame {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // V8's message quotes the line, which is content and must not reach a log.
    throw notJson(line.length);
  }
  return asFrame(value);
}

/** Returns whether a parsed value is a JSON object: neither null nor a list. */
export function isJsonObject(value: unknown): value is Frame {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns a parsed value as a frame. @throws ChoragusError `protocol_error` if it is not an object. */
export function asFrame(value: unknown): Frame {
  if (!isJsonObject(value)) throw notAnObject();
  return value;
}

/** Returns the kind of a frame by its `type`, in both dialects of streaming. */
export function kindOf(type: unknown): FrameKind {
  switch (type) {
    case 'stream_chunk':
    case 'chunk':
      return 'chunk';
    case 'stream_start':
      return 'streamStart';
    case 'stream_end':
    case 'complete':
      return 'streamEnd';
    case 'stream_error':
      return 'streamError';
    default:
      return 'reply';
  }
}

const replyTypes: Readonly<Record<string, readonly string[]>> = {
  chat: ['chat_response', 'response'],
  ping: ['pong'],
  health: ['health_response'],
  info: ['info_response'],
};
const ownedReplyTypes = new Set(['chat_response', 'pong', 'health_response', 'info_response']);

/** Returns a reply's type. An object with a text but no type counts as a chat's reply: old peers send it. */
export function replyTypeOf(frame: Frame): unknown {
  const isUntyped = frame.type === undefined || frame.type === null;
  return isUntyped && contentOf(frame) !== undefined ? 'chat_response' : frame.type;
}

/** Returns whether a reply of `replyType` can answer a request of `requestType`: a `pong` cannot answer a chat. */
export function fits(requestType: string, replyType: unknown): boolean {
  // A client's line without a type: its CI decides what it means.
  if (requestType === '') return true;
  if (requestType === 'chat' && replyType === 'chat_response') return true;
  if (typeof replyType !== 'string') return false;
  if (replyType === 'error') return true;
  if (Object.hasOwn(replyTypes, requestType)) return (replyTypes[requestType] as readonly string[]).includes(replyType);
  return !ownedReplyTypes.has(replyType);
}

/** Returns the text of a reply or chunk; undefined if it has none. Some peers use `response` for `content`. */
export function contentOf(frame: Frame): string | undefined {
  if (typeof frame.content === 'string') return frame.content;
  return typeof frame.response === 'string' ? frame.response : undefined;
}

/** Returns the text of an error frame. Some peers use `message` for `error`. */
export function errorTextOf(frame: Frame): string {
  const text = typeof frame.error === 'string' ? frame.error : frame.message;
  const words = typeof text === 'string' ? peerWords(text) : '';
  return words === '' ? 'the CI gave no reason' : words;
}
