import type { Pool, PoolOptions } from '../contract/index.js';
import type { TektonResult } from './result.js';
import type { SendOptions, TimeoutOption } from './send-options.js';

/**
 * Provides the functions of the original Python client. `sendMessage`, `sendToAi` and `sendToAll` do not throw: their
 * result reports a failure, also a wrong argument.
 */
export interface TektonClient {
  /**
   * Sends a message to the CI at an address, and settles with its answer or with the failure.
   *
   * If no CI of the pool has the address, adds the CI `host:port` to the pool. Keeps at most 1,000 such CIs.
   *
   * @param port - A number from 1 to 65,535, or its digits as text.
   * @param message - A text that is not empty.
   * @param options - `timeout` in seconds. Default, also for 0 and null: the pool's `requestTimeoutMs` (30 s).
   *
   * @example
   * ```ts
   * const result = await sendMessage('localhost', 45012, 'What patterns do you see?', { timeout: 5 });
   * console.log(result.success ? result.response : result.error);
   * ```
   */
  sendMessage(host: string, port: number | string, message: string, options?: SendOptions): Promise<TektonResult>;
  /**
   * Sends a message to a CI of the pool by its name. `apollo`, `apollo-ai`, `Apollo` and `APOLLO-AI` all mean `apollo`. A
   * prefix like `apo` matches no CI.
   *
   * @param options - As for `sendMessage`.
   */
  sendToAi(name: string, message: string, options?: SendOptions): Promise<TektonResult>;
  /**
   * Sends a message to all configured CIs of the pool, and settles with the result of each, by name, within the timeout.
   * Does not send to CIs that were added for the address of a message.
   *
   * @param options - `timeout` in seconds. Default: 2. As in the original, 0 fails at once, and null means 30.
   * @throws The errors of `options.pool`. ChoragusError `invalid_config` for a wrong argument if the pool has no CI, because
   *   then no result can report it.
   */
  sendToAll(message: string, options?: SendOptions): Promise<Record<string, TektonResult>>;
  /**
   * Returns true if the CI at an address answers a ping.
   *
   * @param options - `timeout` in seconds. Default: 5. As in the original, 0 and null mean the default of a message.
   * @throws ChoragusError `invalid_config` for a wrong argument, because false means that the CI is down.
   */
  ping(host: string, port: number | string, options?: TimeoutOption): Promise<boolean>;
  /**
   * Streams the text of the answer to a message. Sends the message when the loop starts. Leaving the loop cancels.
   *
   * @param options - `timeout`, in seconds, limits the wait for the first piece of text, and between two pieces, as in the
   * original. Default, also for 0 and null: the pool's `requestTimeoutMs` (30 s). The pool's `streamTimeoutMs` limits the
   * whole stream.
   * @throws ChoragusError from the loop.
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
  /** Returns the pool that sends the requests. Called for each request. */
  readonly pool: () => Pool;
  /** Creates a pool of one connection for a request over a direct connection. Default: `createPool`. */
  readonly direct?: ((options: PoolOptions) => Pool) | undefined;
  /** Returns the options of a direct connection, for example `connectTimeoutMs`. Default: those of `createPool`. */
  readonly directOptions?: (() => PoolOptions) | undefined;
  /** Returns the milliseconds since a fixed moment. Must never go back. Default: `performance.now`. */
  readonly now?: (() => number) | undefined;
}
