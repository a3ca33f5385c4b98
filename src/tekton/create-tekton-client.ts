import type { PoolOptions } from '../contract/index.js';
import { createPool } from '../create-pool.js';
import { readClientOptions } from './client-options.js';
import { createDirect } from './direct.js';
import { messageAll } from './message-all.js';
import { messageOne } from './message-one.js';
import { pingAddress } from './ping-address.js';
import { type Route, routeToAddress, routeToName } from './route.js';
import type { Means } from './serve.js';
import { streamText } from './stream-text.js';
import type { TektonClient, TektonClientOptions } from './tekton-client.js';

/** Default timeout for direct connections, as in the original: a pool does not expose its own. */
const requestTimeoutMs = 30_000;

/**
 * Creates the functions of the original Python client over a pool of your choice.
 *
 * If the pool cannot serve a request (`unavailable`, `overloaded`, `closed`) and did not send it, the client sends it
 * over a new direct connection, within the remaining time, and closes the connection. At most 64 direct connections are
 * open at once. CIs with TLS are reached only through the pool.
 *
 * @throws ChoragusError `invalid_config` for an option that is unknown, missing or of the wrong kind.
 *
 * @example
 * ```ts
 * const pool = createPool({ cis: { apollo: 'tcp://localhost:45012' } });
 * const { sendToAi } = createTektonClient({ pool: () => pool });
 * const result = await sendToAi('apollo', 'What patterns do you see?');
 * ```
 */
export function createTektonClient(options: TektonClientOptions): TektonClient {
  const {
    pool,
    direct = createPool,
    directOptions = (): PoolOptions => ({}),
    now = () => performance.now(),
  } = readClientOptions(options);
  const means: Means = {
    now,
    direct: createDirect(direct, directOptions),
    requestTimeoutMs: () => directOptions().requestTimeoutMs ?? requestTimeoutMs,
  };
  return {
    sendMessage: (host, port, message, settings = {}) => {
      const routeTo = (): Route => routeToAddress('sendMessage', pool(), host, port);
      const label = `${textOf(host)}:${textOf(port)}`;
      return messageOne({ of: 'sendMessage', label, isLabelledByCi: true, routeTo }, message, settings, means);
    },
    sendToAi: (name, message, settings = {}) => {
      const routeTo = (): Route => routeToName('sendToAi', pool(), name);
      return messageOne(
        { of: 'sendToAi', label: textOf(name), isLabelledByCi: false, routeTo },
        message,
        settings,
        means,
      );
    },
    sendToAll: async (message, settings = {}) => messageAll(pool(), message, settings, means),
    ping: (host, port, settings = {}) => pingAddress(pool, host, port, settings, means),
    streamMessage: (host, port, message, settings = {}) =>
      streamText(() => routeToAddress('streamMessage', pool(), host, port), message, settings, means),
  };
}

/** Returns a part of a label as the caller wrote it; `''` for a value that is neither a string nor a number. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
