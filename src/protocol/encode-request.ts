import type { ChatMessage, Message, WireMessage } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';

/** A request's JSON object, open at its end, so that each connection can add a `request_id` of its own. */
export interface EncodedRequest {
  readonly type: string;
  /** JSON without the last brace. */
  readonly body: string;
}

/** Room for `,"request_id":"…"}` and the line end. */
const ID_BYTES = 48;

/**
 * Encodes a chat message.
 *
 * @throws ChoragusError `invalid_config` for an empty message, one that is neither a string nor an object with
 * `content` or `messages`, or one that JSON cannot hold.
 */
export function encodeChat(message: Message, manner: 'whole' | 'stream'): EncodedRequest {
  const stream = manner === 'stream' ? ',"stream":true' : '';
  if (typeof message === 'string' && message !== '') {
    return { type: 'chat', body: `{"type":"chat","content":${JSON.stringify(message)}${stream}` };
  }
  if (typeof message !== 'object' || message === null || !hasQuestion(message)) {
    throw invalid(
      'a message must be a text that is not empty, or an object with such a text as its content, or with messages',
    );
  }
  return { type: 'chat', body: `{"type":"chat"${encodeFields(chatFields(message))}${stream}` };
}

/**
 * Encodes a message of any type.
 *
 * @throws ChoragusError `invalid_config` when it has no `type`, asks for a stream, or JSON cannot hold it.
 */
export function encodeMessage(message: WireMessage): EncodedRequest {
  if (typeof message !== 'object' || message === null || typeof message.type !== 'string' || message.type === '') {
    throw invalid('a request must be an object with a type');
  }
  if (message.stream === true) throw invalid('a request has one reply: use stream() for a stream');
  const { type, request_id: _, ...fields } = message;
  return { type, body: `{"type":${JSON.stringify(type)}${encodeFields(fields)}` };
}

/** Refuses a request that the peer's line reader could not hold: sent, it would reset the connection. */
export function checkRequestBytes(body: string, maxRequestBytes: number, ci: string): void {
  if (body.length * 3 + ID_BYTES <= maxRequestBytes) return;
  const bytes = Buffer.byteLength(body) + ID_BYTES;
  if (bytes <= maxRequestBytes) return;
  throw new ChoragusError(
    'request_too_large',
    `a request of ${bytes} bytes; at most ${maxRequestBytes} (maxRequestBytes)`,
    {
      ci,
      delivery: 'not_sent',
    },
  );
}

/** Whether it asks something: by `content`, or by `messages`. What is there must be right, also beside the other. */
function hasQuestion({ content, messages }: ChatMessage): boolean {
  if (content !== undefined && (typeof content !== 'string' || content === '')) return false;
  if (messages === undefined) return content !== undefined;
  return Array.isArray(messages) && messages.length > 0 && messages.every(isObject);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function chatFields(message: ChatMessage): Record<string, unknown> {
  const { type: _type, request_id: _id, stream: _stream, maxTokens, ...fields } = message;
  return maxTokens === undefined ? fields : { ...fields, max_tokens: maxTokens };
}

function encodeFields(fields: Record<string, unknown>): string {
  // It would decide what the object becomes, its type included.
  if (typeof fields.toJSON === 'function') throw invalid('a message must not have a toJSON of its own');
  let json: string;
  try {
    json = JSON.stringify(fields);
  } catch (error) {
    // V8's own error quotes the message's keys: no cause, and its class alone.
    const kind = error instanceof Error ? error.constructor.name : typeof error;
    throw invalid(`a message must be what JSON can hold (${kind})`);
  }
  return json === '{}' ? '' : `,${json.slice(1, -1)}`;
}

function invalid(message: string): ChoragusError {
  return new ChoragusError('invalid_config', message, { delivery: 'not_sent' });
}
