import * as v from 'valibot';
import { check, listenOptions, milliseconds, optionsOf, recordOf, wholeNumber } from '../checks/index.js';
import type { LineCarrier, Pool } from '../contract/index.js';
import { LINE_CARRIER } from '../contract/line-carrier.js';
import { wrongArgument } from '../errors/index.js';
import type { SocketListenOptions } from '../server/listen-options.js';
import type { WhenDown } from './ci-listener.js';
import type { ClientLimits } from './proxied-client.js';

/** Configures {@link serveProxy}. */
export interface ProxyOptions extends Partial<ClientLimits> {
  /** The address for each CI's clients, by the CI's name: a port of 127.0.0.1, or an object with port, host, path or TLS. */
  readonly listen: Readonly<Record<string, number | SocketListenOptions>>;
  /**
   * What a client sees while its CI is down. `refuse`: its connect is refused, as by the CI itself. `close`: its
   * connection is accepted and closed at once. Default: `refuse`.
   */
  readonly whenDown?: WhenDown | undefined;
}

const of = 'serveProxy';
const DRAIN_MS = 5_000;

const port = wholeNumber(0, 65_535);
const address = optionsOf(listenOptions, 'a port, or an object');
const where = v.lazy((given) => (typeof given === 'number' ? port : address)) as v.GenericSchema<
  unknown,
  number | SocketListenOptions
>;
const limit = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const schema = optionsOf({
  listen: recordOf({ takes: 'a port, or { port, host, path, tls }, by the name of a CI', value: where }),
  whenDown: v.optional(v.picklist(['refuse', 'close'], 'refuse or close'), 'refuse'),
  maxLineBytes: v.optional(limit, 65_536),
  maxPending: v.optional(limit, 64),
  maxUnreadBytes: v.optional(limit, 33_554_432),
});
const drain = optionsOf({ drainTimeoutMs: v.optional(milliseconds(0), DRAIN_MS) });

/** The options of a proxy, with their defaults. */
export interface ProxySettings {
  readonly listen: Readonly<Record<string, SocketListenOptions>>;
  readonly limits: ClientLimits;
  readonly whenDown: WhenDown;
}

/**
 * Checks the options, and adds the defaults.
 *
 * @throws ChoragusError `invalid_config`, naming each bad option, its value and what is accepted.
 */
export function readProxyOptions(options: ProxyOptions): ProxySettings {
  const { listen, whenDown, ...limits } = check(schema, options, { of, secrets: ['tls'] });
  const addresses = Object.entries(listen).map(([ci, where]) => [
    ci,
    typeof where === 'number' ? { port: where } : where,
  ]);
  return { listen: Object.fromEntries(addresses), limits, whenDown };
}

/** Returns how long a close may take, in ms. Default: 5,000. @throws ChoragusError `invalid_config` */
export function readDrainTimeout(options: unknown = {}): number {
  return check(drain, options, { of: 'close' }).drainTimeoutMs;
}

/** Returns the raw-line interface of a pool. @throws ChoragusError `invalid_config` if `pool` is not from `createPool` */
export function lineCarrierOf(pool: Pool): LineCarrier {
  const carrier = read(pool);
  if (carrier === undefined) throw wrongArgument(of, 'pool', pool, 'a pool that createPool() made');
  return carrier;
}

function read(pool: unknown): LineCarrier | undefined {
  try {
    return (pool as { readonly [LINE_CARRIER]?: LineCarrier } | null | undefined)?.[LINE_CARRIER];
  } catch {
    // A JavaScript Proxy that throws.
    return undefined;
  }
}
