import type { Pool, PoolOptions } from '../contract/index.js';
import type { TektonResult } from './result.js';
import type { SendOptions, TimeoutOption } from './send-options.js';

/**
 * Provides the functions of the original. `sendMessage`, `sendToAi` and `sendToAll` do not throw: a failure, also a
 * wrong argument, is in their result.
 */
export interface TektonClient {
  /**
   * Sends a message to the CI at an address, and settles with its answer or with why there is none.
   *
   * If no CI of the pool has the address, it is added to the pool as the CI `host:port`. At most 1,000 of those are kept.
   *
   * @param port - A number from 1 to 65,535, or its digits as text.
   * @param message - A text that is not empty.
   * @param options - `timeout` in seconds; default, also for 0 and null: the pool's `requestTimeoutMs` (30 s).
   *
   * @example
   * ```ts
   * const result = await sendMessage('localhost', 45012, 'What patterns do you see?', { timeout: 5 });
   * console.log(result.success ? result.response : result.error);
   * ```
   */
  sendMessage(host: string, port: number | string, message: string, options?: SendOptions): Promise<TektonResult>;
  /**
   * Sends a message to a CI of the pool by its name. `apollo`, `apollo-ai`, `Apollo` and `APOLLO-AI` all mean `apollo`; a
   * beginning such as `apo` means nobody.
   *
   * @param options - As for `sendMessage`.
   */
  sendToAi(name: string, message: string, options?: SendOptions): Promise<TektonResult>;
  /**
   * Sends a message to all CIs that the pool was given, and settles with how each ended, by name, within the timeout.
   * CIs that were added for the address of a message are left out.
   *
   * @param options - `timeout` in seconds; default: 2. As in the original, 0 leaves no time, and null means 30.
   * @throws What `options.pool` of the client throws, and `invalid_config` for a wrong argument if the pool has no CI: then
   *   no result can report it.
   */
  sendToAll(message: string, options?: SendOptions): Promise<Record<string, TektonResult>>;
  /**
   * Returns whether the CI at an address answers a ping.
   *
   * @param options - `timeout` in seconds; default: 5. As in the original, 0 and null mean the default of a message.
   * @throws ChoragusError `invalid_config` for a wrong argument: false would say that the CI is down.
   */
  ping(host: string, port: number | string, options?: TimeoutOption): Promise<boolean>;
  /**
   * Sends a message, and streams the text of the answer. Sends when the loop starts; leaving the loop cancels.
   *
   * @param options - `timeout`, in seconds, is the longest wait for the first piece of text and between two, as in the
   * original; default, also for 0 and null: the pool's `requestTimeoutMs` (30 s). The whole takes at most the pool's
   * `streamTimeoutMs`.
   * @throws ChoragusError, from the loop.
   *
   * @example
   * ```ts
   * for await (const text of streamMessage('localhost', 45012, 'Explain it slowly')) process.stdout.write(text);
   * ```
   */
  streamMessage(host: string, port: number | string, message: string, options?: SendOptions): AsyncIterable<string>;
}

/** Configures `createTektonClient`. */
export interface TektonClientOptions {
  /** Returns the pool to send through. Called for each request. */
  readonly pool: () => Pool;
  /** Creates the pool of one connection for a request that goes past the pool. Default: `createPool`. */
  readonly direct?: ((options: PoolOptions) => Pool) | undefined;
  /** Returns the options of a direct connection, such as `connectTimeoutMs`. Default: those of `createPool`. */
  readonly directOptions?: (() => PoolOptions) | undefined;
  /** Returns the milliseconds since some fixed moment; never goes back. Default: `performance.now`. */
  readonly now?: (() => number) | undefined;
}
