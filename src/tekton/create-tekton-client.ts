import type { PoolOptions } from '../contract/index.js';
import { createPool } from '../create-pool.js';
import { createDirect } from './direct.js';
import { messageAll } from './message-all.js';
import { messageOne } from './message-one.js';
import { pingAddress } from './ping-address.js';
import { routeToAddress, routeToName } from './route.js';
import type { Means } from './serve.js';
import { streamText } from './stream-text.js';
import type { TektonClient, TektonClientOptions } from './tekton-client.js';

/** The original's default, for the way around a pool whose own is not told. */
const requestTimeoutMs = 30_000;

/**
 * Makes the functions of the original over a pool of your choice.
 *
 * A request that the pool cannot serve (`unavailable`, `overloaded`, `closed`) goes over a direct connection, opened for
 * it and closed after it, but only when it was certainly not sent, and only for the time that is left. At most 64 such
 * connections are open at once; CIs with TLS are reached through the pool only.
 *
 * @example
 * ```ts
 * const pool = createPool({ cis: { apollo: 'tcp://localhost:45012' } });
 * const { sendToAi } = createTektonClient({ pool: () => pool });
 * const result = await sendToAi('apollo', 'What patterns do you see?');
 * ```
 */
export function createTektonClient(options: TektonClientOptions): TektonClient {
  const { pool, direct = createPool, directOptions = (): PoolOptions => ({}), now = () => performance.now() } = options;
  const means: Means = {
    now,
    direct: createDirect(direct, directOptions),
    requestTimeoutMs: () => directOptions().requestTimeoutMs ?? requestTimeoutMs,
  };
  return {
    sendMessage: (host, port, message, settings = {}) =>
      messageOne(() => routeToAddress(pool(), host, port), message, settings, means),
    sendToAi: (name, message, settings = {}) => messageOne(() => routeToName(pool(), name), message, settings, means),
    sendToAll: async (message, settings = {}) => messageAll(pool(), message, settings, means),
    ping: (host, port, settings = {}) => pingAddress(() => routeToAddress(pool(), host, port), settings, means),
    streamMessage: (host, port, message, settings = {}) =>
      streamText(() => routeToAddress(pool(), host, port), message, settings, means),
  };
}
