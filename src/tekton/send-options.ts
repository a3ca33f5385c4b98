import { isPlainObject } from '../checks/index.js';
import type { ChatMessage, Message } from '../contract/index.js';
import { describeValue, invalidConfig, wrongArgument } from '../errors/index.js';
import { readOptions } from './read-options.js';

/** Limits how long a call may take. */
export interface TimeoutOption {
  /**
   * The timeout in seconds, above 0 and at most 2,147,483. As in the original, 0 and null have a special meaning: see each
   * function.
   */
  readonly timeout?: number | null | undefined;
}

/** Configures a message. An option that is null or undefined is not sent. */
export interface SendOptions extends TimeoutOption {
  /** Additional facts for the CI, sent as JSON. As in the original, an empty object is not sent. */
  readonly context?: Readonly<Record<string, unknown>> | null | undefined;
  /** The model's temperature. Default: the CI's. */
  readonly temperature?: number | null | undefined;
  /** Most tokens in the answer, sent as `max_tokens`. Default: the CI's. */
  readonly maxTokens?: number | null | undefined;
}

/** A checked message and its timeout. @internal */
export interface Prepared {
  readonly message: Message;
  /** The timeout in ms. 0, null and undefined are unchanged. */
  readonly timeoutMs: number | null | undefined;
}

// Node's timers fire at once above 2 ** 31 - 1 ms.
const longestSeconds = 2_147_483;

/**
 * Checks a message and its options.
 *
 * @param of - The function that was called, for the message.
 * @throws ChoragusError `invalid_config`, naming the wrong argument. Its text never contains the message.
 * @internal
 */
export function prepareMessage(of: string, content: unknown, options: unknown): Prepared {
  if (typeof content !== 'string' || content === '') {
    throw wrongArgument(of, 'message', content, 'a string that is not empty');
  }
  const { timeout, context, temperature, maxTokens } = readOptions(of, options, [
    'timeout',
    'context',
    'temperature',
    'maxTokens',
  ]);
  const settings: ChatMessage = {
    content,
    ...field('context', readContext(of, context)),
    ...field('temperature', readNumber(of, 'temperature', temperature, Number.isFinite, 'a finite number')),
    ...field('maxTokens', readNumber(of, 'maxTokens', maxTokens, Number.isSafeInteger, 'a whole number')),
  };
  return { message: Object.keys(settings).length === 1 ? content : settings, timeoutMs: toMs(of, timeout) };
}

/**
 * Reads the option `timeout`, and returns ms. Accepts no other option. Returns 0, null and undefined unchanged.
 *
 * @throws ChoragusError `invalid_config`
 * @internal
 */
export function readTimeoutMs(of: string, options: unknown): number | null | undefined {
  return toMs(of, readOptions(of, options, ['timeout']).timeout);
}

function toMs(of: string, seconds: unknown): number | null | undefined {
  if (seconds === undefined || seconds === null) return seconds;
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= longestSeconds)) {
    throw wrongArgument(of, 'timeout', seconds, `seconds from 0 to ${longestSeconds}`);
  }
  // Rounded, because 1.1 * 1000 is not exactly 1100. Less than 1 ms must not become 0.
  return seconds < 0.001 ? seconds * 1000 : Math.round(seconds * 1000);
}

/** Copies a context through JSON, so that later changes are not sent. Returns undefined for an empty one. */
function readContext(of: string, context: unknown): Record<string, unknown> | undefined {
  if (context === undefined || context === null) return undefined;
  const copy = copyAsJson(of, context);
  return Object.keys(copy).length === 0 ? undefined : copy;
}

function copyAsJson(of: string, context: unknown): Record<string, unknown> {
  let copy: unknown;
  try {
    if (isPlainObject(context)) copy = JSON.parse(JSON.stringify(context));
  } catch {
    // V8's own error quotes the context, which is message content.
    throw invalidConfig(`${of}: context cannot be written as JSON`);
  }
  if (isPlainObject(copy)) return copy;
  const shown = typeof context === 'string' ? 'a string' : describeValue(context);
  throw invalidConfig(`${of}: context is ${shown}: use a plain object`);
}

function readNumber(
  of: string,
  name: string,
  value: unknown,
  isRight: (value: unknown) => boolean,
  takes: string,
): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isRight(value)) throw wrongArgument(of, name, value, takes);
  return value as number;
}

function field<T>(name: string, value: T | undefined): Readonly<Record<string, T>> {
  return value === undefined ? {} : { [name]: value };
}
