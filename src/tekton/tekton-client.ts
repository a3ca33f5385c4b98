import type { Pool, PoolOptions } from '../contract/index.js';
import type { TektonResult } from './result.js';
import type { SendOptions, TimeoutOption } from './send-options.js';

/** The functions of the original. All but `streamMessage` tell a failure by their result, and do not throw. */
export interface TektonClient {
  /**
   * Sends a message to the CI at an address, and settles with its answer or with why there is none.
   *
   * An address that no CI of the pool has is added to the pool as the CI `host:port`; of those, 1,000 at most are kept.
   *
   * @param options - `timeout` in seconds; default: the pool's `requestTimeoutMs` (30 s).
   *
   * @example
   * ```ts
   * const result = await sendMessage('localhost', 45012, 'What patterns do you see?', { timeout: 5 });
   * console.log(result.success ? result.response : result.error);
   * ```
   */
  sendMessage(host: string, port: number, message: string, options?: SendOptions): Promise<TektonResult>;
  /** The same by the CI's name in the pool, such as `apollo`. */
  sendToAi(name: string, message: string, options?: SendOptions): Promise<TektonResult>;
  /**
   * Sends a message to all CIs that the pool was given, and settles with how each ended, by name, in the time allowed
   * however slow the slowest is. CIs that were added for the address of a message are not asked.
   *
   * @param options - `timeout` in seconds; default: 2.
   * @throws What `options.pool` of the client throws: without a pool there are no names to tell it by.
   */
  sendToAll(message: string, options?: SendOptions): Promise<Record<string, TektonResult>>;
  /**
   * Whether the CI at an address answers a ping.
   *
   * @param options - `timeout` in seconds; default: 5.
   */
  ping(host: string, port: number, options?: TimeoutOption): Promise<boolean>;
  /**
   * Sends a message, and hands over the text of the answer as it comes. Sent when iterated; leaving the loop cancels.
   *
   * @param options - `timeout`, in seconds, is the longest wait for the first piece of text and between two, as in the
   * original; default: the pool's `requestTimeoutMs` (30 s). The whole takes at most the pool's `streamTimeoutMs`.
   * @throws ChoragusError, from the loop.
   *
   * @example
   * ```ts
   * for await (const text of streamMessage('localhost', 45012, 'Explain it slowly')) process.stdout.write(text);
   * ```
   */
  streamMessage(host: string, port: number, message: string, options?: SendOptions): AsyncIterable<string>;
}

/** What a client is made with. */
export interface TektonClientOptions {
  /** The pool to send through, asked for at every call. */
  readonly pool: () => Pool;
  /** Makes the pool of one connection that serves a request past the pool. Default: `createPool`. */
  readonly direct?: ((options: PoolOptions) => Pool) | undefined;
  /** The limits of a direct connection, such as its `connectTimeoutMs`. Default: those of `createPool`. */
  readonly directOptions?: (() => PoolOptions) | undefined;
  /** Milliseconds since some fixed moment; never goes back. Default: `performance.now`. */
  readonly now?: (() => number) | undefined;
}
