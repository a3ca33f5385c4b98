import { isPlainObject } from '../checks/index.js';
import type { Message, WireMessage } from '../contract/index.js';
import { type ChoragusError, describeValue, invalidConfig, requestTooLarge } from '../errors/index.js';

/** A request as a JSON object without its closing brace, so that each connection can add its own `request_id`. */
export interface EncodedRequest {
  readonly type: string;
  /** The JSON without the last brace. */
  readonly body: string;
  /** The message's own fields, read once, so that the checked values are the sent ones; undefined for a string. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Space for `,"request_id":"…"}` and the line end, in bytes. */
export const ID_BYTES = 48;

/**
 * Encodes a chat message.
 *
 * @throws ChoragusError `invalid_config` for an empty message, one that is neither a string nor an object with
 * `content` or `messages`, or one that JSON cannot express.
 */
export function encodeChat(message: Message, replyMode: 'whole' | 'stream'): EncodedRequest {
  const stream = replyMode === 'stream' ? ',"stream":true' : '';
  if (typeof message === 'string' && message !== '') {
    return { type: 'chat', body: `{"type":"chat","content":${JSON.stringify(message)}${stream}` };
  }
  return encodeFieldsOf(message, stream);
}

/** Encodes a message that is not a string. */
function encodeFieldsOf(message: unknown, stream: string): EncodedRequest {
  const fields = fieldsOf(message);
  if (fields?.messages !== undefined) fields.messages = entriesOf(fields.messages);
  if (fields === undefined || !hasQuestion(fields)) {
    throw invalidConfig(
      'a message must be a string that is not empty, or an object with such a string as its own content, or with messages',
    );
  }
  checkSettings(fields);
  return { type: 'chat', body: `{"type":"chat"${encodeFields(chatFields(fields))}${stream}`, fields };
}

/**
 * Encodes a message of any type.
 *
 * @throws ChoragusError `invalid_config` if it has no `type`, asks for a stream, or JSON cannot express it.
 */
export function encodeMessage(message: WireMessage): EncodedRequest {
  const own = fieldsOf(message);
  if (own === undefined || typeof own.type !== 'string' || own.type === '') {
    throw invalidConfig('the message of a request must be an object with a type');
  }
  if (own.stream === true) throw invalidConfig('a request has one reply: use stream() for a stream');
  const { type, request_id: _, ...fields } = own as WireMessage;
  return { type, body: `{"type":${JSON.stringify(type)}${encodeFields(fields)}`, fields: own };
}

/** Refuses a request that is longer than the peer's line reader accepts: the peer would reset the connection. */
export function checkRequestBytes(body: string, maxRequestBytes: number, ci: string): void {
  if (body.length * 3 + ID_BYTES <= maxRequestBytes) return;
  const bytes = Buffer.byteLength(body) + ID_BYTES;
  if (bytes <= maxRequestBytes) return;
  throw requestTooLarge(bytes, maxRequestBytes, ci);
}

/**
 * Copies a message's own fields, reading each once, so that the checked values are the sent ones. Inherited fields are
 * left out: JSON would not send them.
 */
function fieldsOf(message: unknown): Record<string, unknown> | undefined {
  try {
    if (!isObject(message)) return undefined;
    return { ...message };
  } catch {
    throw invalidConfig('a message cannot be read: a getter or a proxy threw');
  }
}

/** Copies the messages of a chat; returns null for a value that is not a list, or cannot be read. */
function entriesOf(messages: unknown): unknown {
  try {
    return Array.isArray(messages) ? Array.from(messages, (entry) => (isObject(entry) ? { ...entry } : entry)) : null;
  } catch {
    return null;
  }
}

/** Returns whether a message has `content` or `messages`. If both are present, both must be valid. */
function hasQuestion({ content, messages }: Readonly<Record<string, unknown>>): boolean {
  if (content !== undefined && (typeof content !== 'string' || content === '')) return false;
  if (messages === undefined) return content !== undefined;
  return Array.isArray(messages) && messages.length > 0 && messages.every(isEntry);
}

/** Returns whether a message of a chat has fields, and no `toJSON` that would replace them. */
function isEntry(entry: unknown): boolean {
  return isObject(entry) && Object.keys(entry).length > 0 && !Object.hasOwn(entry, 'toJSON');
}

/** Tests the tag: a list, a `Map` and a `Date` have other tags. */
function isObject(value: unknown): value is object {
  return Object.prototype.toString.call(value) === '[object Object]';
}

/** Checks the settings of a chat. Values that JSON would omit or send as null are refused. */
function checkSettings({ context, temperature, maxTokens }: Readonly<Record<string, unknown>>): void {
  if (context !== undefined && !isContext(context)) throw wrongSetting('context', context, 'a plain object');
  if (temperature !== undefined && !Number.isFinite(temperature)) {
    throw wrongSetting('temperature', temperature, 'a finite number');
  }
  if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && Number(maxTokens) >= 1)) {
    throw wrongSetting('maxTokens', maxTokens, 'a whole number from 1');
  }
}

function isContext(context: unknown): boolean {
  try {
    return isPlainObject(context) && typeof context.toJSON !== 'function';
  } catch {
    // A getter, or a proxy.
    return false;
  }
}

/** Returns the error for a bad setting. A string is content, so it is not shown. */
function wrongSetting(name: string, value: unknown, takes: string): ChoragusError {
  return invalidConfig(
    `${name} of a message is ${typeof value === 'string' ? 'a string' : describeValue(value)}: use ${takes}`,
  );
}

function chatFields(message: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { type: _type, request_id: _id, stream: _stream, maxTokens, ...fields } = message;
  return maxTokens === undefined ? fields : { ...fields, max_tokens: maxTokens };
}

function encodeFields(fields: Record<string, unknown>): string {
  // A `toJSON` would replace the whole object, its type included.
  if (typeof fields.toJSON === 'function') throw invalidConfig('a message must not have a toJSON of its own');
  let json: string;
  try {
    json = JSON.stringify(fields);
  } catch (error) {
    // V8's error quotes the message's keys, so only its class is shown, and it is not the cause.
    const kind = error instanceof Error ? error.constructor.name : typeof error;
    throw invalidConfig(`a message cannot be written as JSON (${kind})`);
  }
  return json === '{}' ? '' : `,${json.slice(1, -1)}`;
}
