import type { ChatMessage, Message } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';

/** How long a call may take. */
export interface TimeoutOption {
  /** In seconds, as in the original. */
  readonly timeout?: number | undefined;
}

/** What goes with a message. */
export interface SendOptions extends TimeoutOption {
  /** Sent with the message as it is. */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  readonly temperature?: number | undefined;
  /** Travels as `max_tokens`. */
  readonly maxTokens?: number | undefined;
}

// Node's timers run out at once above 2 ** 31 - 1 ms.
const longestSeconds = 2_147_483;

/**
 * A call's timeout in milliseconds; undefined where the caller leaves it to the pool.
 *
 * @throws ChoragusError `invalid_config` for anything but seconds from 0.001 to 2,147,483.
 * @internal
 */
export function readTimeoutMs({ timeout }: TimeoutOption): number | undefined {
  if (timeout === undefined) return undefined;
  // Seconds such as 1.1 are no whole number of milliseconds in binary, though they were meant as one.
  if (timeout >= 0.001 && timeout <= longestSeconds) return Math.round(timeout * 1000);
  const message = `timeout is ${String(timeout)}, and takes seconds from 0.001 to ${longestSeconds}`;
  throw new ChoragusError('invalid_config', message, { delivery: 'not_sent' });
}

/** The message as the pool takes it; what was not given is left out. @internal */
export function toMessage(content: string, { context, temperature, maxTokens }: SendOptions): Message {
  const message: ChatMessage = {
    content,
    ...(context === undefined ? {} : { context }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  };
  return Object.keys(message).length === 1 ? content : message;
}
