import { CARRIAGE } from '../contract/carriage.js';
import type { Carriage, Pool } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import type { SocketListenOptions } from '../server/listen.js';
import { Door, type WhenDown } from './door.js';
import type { ClientLimits } from './proxied-client.js';

/** Options of {@link serveProxy}. */
export interface ProxyOptions extends Partial<ClientLimits> {
  /** Where each CI's clients expect it, by the CI's name: a port of 127.0.0.1, or more. */
  readonly listen: Readonly<Record<string, number | SocketListenOptions>>;
  /**
   * What a client sees while its CI is down. `refuse`: nobody listens, so that its connect is refused, as it would be by the CI. `close`: its
   * connection is taken, and closed at once. Default: `refuse`.
   */
  readonly whenDown?: WhenDown | undefined;
}

/** A proxy at work. */
export interface ProxyServer extends AsyncDisposable {
  /** Where each CI is listened for, by name. */
  readonly urls: Readonly<Record<string, string>>;
  /** Clients that are connected now. */
  readonly clients: number;
  /** Clients that ever came. */
  readonly totalClients: number;
  /**
   * Takes no more clients and requests, waits for what is under way, and cuts what takes longer. The pool goes on.
   *
   * @param options.drainTimeoutMs - Default: 5,000.
   */
  close(options?: { readonly drainTimeoutMs?: number | undefined }): Promise<void>;
}

const DRAIN_MS = 5_000;
/** The longest time that a timer of the system can hold. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Listens where clients expect their CIs, and carries them over one pool: a client that opens a connection for each message costs
 * no connection to the CI any more, and need not be changed. Lines pass as they are, both ways, but for their
 * `request_id`; where something fails, a client sees what it would see without a proxy: a connect that is refused, or a connection that
 * closes. Settles once each CI has been dialled.
 *
 * Each request has a connection to its CI to itself, up to `maxConnections` of the pool (where that names none: 128); those that are not used
 * are closed within 30 s.
 *
 * @throws ChoragusError `unknown_ci` for a name that the pool has not, `invalid_config` for a bad option, `unavailable` for an address
 * that cannot be listened on.
 *
 * @example
 * ```ts
 * const pool = createPool({ cis: { apollo: 'tls://apollo.example:45012' } });
 * await using proxy = await serveProxy(pool, { listen: { apollo: 45_012 } });
 * ```
 */
export async function serveProxy(pool: Pool, options: ProxyOptions): Promise<ProxyServer> {
  const { listen, limits, whenDown } = readOptions(options);
  const carriage = carriageOf(pool);
  const unknown = Object.keys(listen).find((ci) => !pool.cis.includes(ci));
  if (unknown !== undefined) {
    throw new ChoragusError('unknown_ci', `the pool has no CI ${JSON.stringify(unknown)}`, { delivery: 'not_sent' });
  }
  const doors = new Doors();
  try {
    for (const [ci, where] of Object.entries(listen)) {
      const door = await Door.build(pool, ci, carriage.carries(ci), { where, limits, whenDown });
      doors.add(ci, door);
    }
    await doors.shutThose(pool);
  } catch (error) {
    await doors.close(0);
    throw error;
  }
  const close: ProxyServer['close'] = async (how) => doors.close(drainTimeoutOf(how));
  return {
    urls: doors.urls,
    get clients() {
      return doors.sum(({ clients }) => clients);
    },
    get totalClients() {
      return doors.sum(({ totalClients }) => totalClients);
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

/** All that a proxy listens on. */
class Doors {
  readonly #doors = new Map<string, Door>();
  readonly urls: Record<string, string> = {};

  add(ci: string, door: Door): void {
    this.#doors.set(ci, door);
    this.urls[ci] = door.url;
  }

  /** Dials all CIs, and shuts the doors of those that are down. */
  async shutThose(pool: Pool): Promise<void> {
    const { down } = await pool.warm([...this.#doors.keys()]);
    for (const { ci } of down) this.#doors.get(ci)?.shut();
  }

  sum(count: (door: Door) => number): number {
    return [...this.#doors.values()].reduce((sum, door) => sum + count(door), 0);
  }

  async close(drainTimeoutMs: number): Promise<void> {
    const doors = [...this.#doors.values()];
    const drained = Promise.all(doors.map((door) => door.drain()));
    let timer: NodeJS.Timeout | undefined;
    const timedOut = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, drainTimeoutMs);
    });
    await Promise.race([drained, timedOut]);
    clearTimeout(timer);
    await Promise.all(doors.map((door) => door.close()));
  }
}

function carriageOf(pool: Pool): Carriage {
  const carriage = (pool as { readonly [CARRIAGE]?: Carriage } | undefined)?.[CARRIAGE];
  if (carriage === undefined) throw invalid('pool takes a pool that createPool() made');
  return carriage;
}

const defaults: ClientLimits = { maxLineBytes: 65_536, maxPending: 64, maxUnreadBytes: 33_554_432 };

interface Settings {
  readonly listen: Readonly<Record<string, SocketListenOptions>>;
  readonly limits: ClientLimits;
  readonly whenDown: WhenDown;
}

function readOptions(options: ProxyOptions): Settings {
  if (!isRecord(options)) throw invalid('options takes an object');
  const { listen, whenDown = 'refuse', ...given } = options;
  if (whenDown !== 'refuse' && whenDown !== 'close') throw invalid("whenDown takes 'refuse' or 'close'");
  return { listen: readListen(listen), limits: readLimits(given), whenDown };
}

function readListen(listen: unknown): Settings['listen'] {
  if (!isRecord(listen)) throw invalid('listen takes a port, or { port, host, path, tls }, by the name of a CI');
  const places = Object.entries(listen).map(([ci, where]) => {
    if (typeof where !== 'number' && !isRecord(where)) throw invalid(`listen.${ci} takes a port, or an object`);
    return [ci, typeof where === 'number' ? { port: where } : where];
  });
  return Object.fromEntries(places) as Settings['listen'];
}

function readLimits(given: Partial<ClientLimits>): ClientLimits {
  const limits: Record<string, number> = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, name)) throw invalid(`${name} is not an option`);
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < 1) throw invalid(`${name} takes a whole number from 1`);
    limits[name] = value;
  }
  return limits as unknown as ClientLimits;
}

function drainTimeoutOf(options: unknown = {}): number {
  if (!isRecord(options)) throw invalid('close takes { drainTimeoutMs }');
  const { drainTimeoutMs = DRAIN_MS, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw invalid(`${unknown} is not an option of close`);
  if (typeof drainTimeoutMs === 'number' && drainTimeoutMs >= 0 && drainTimeoutMs <= MAX_TIMER_MS)
    return drainTimeoutMs;
  throw invalid(`drainTimeoutMs takes a number of milliseconds from 0 to ${MAX_TIMER_MS}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function invalid(message: string): ChoragusError {
  return new ChoragusError('invalid_config', `serveProxy: ${message}`, { delivery: 'not_sent' });
}
