import type { Pool } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { Door } from './door.js';
import { carriageOf, type ProxyOptions, readDrainTimeout, readProxyOptions } from './proxy-options.js';

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
  const carriage = carriageOf(pool);
  const { listen, limits, whenDown } = readProxyOptions(options);
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
  const close: ProxyServer['close'] = async (how) => doors.close(readDrainTimeout(how));
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
