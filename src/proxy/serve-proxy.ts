import type { Pool } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { Door } from './door.js';
import { lineCarrierOf, type ProxyOptions, readDrainTimeout, readProxyOptions } from './proxy-options.js';

/** Describes a running proxy. */
export interface ProxyServer extends AsyncDisposable {
  /** The address that each CI's clients connect to, by name. */
  readonly urls: Readonly<Record<string, string>>;
  /** Clients that are connected now. */
  readonly clients: number;
  /** Clients that were ever accepted. */
  readonly totalClients: number;
  /**
   * Accepts no more clients and requests, waits for those in flight, and cuts what takes longer. The pool goes on.
   *
   * @param options - `drainTimeoutMs`: how long to wait, in ms. Default: 5,000.
   */
  close(options?: { readonly drainTimeoutMs?: number | undefined }): Promise<void>;
}

/**
 * Listens where clients expect their CIs, and carries them over one pool. A client that opens a connection for each
 * message then causes no new connection to the CI, and needs no change. Lines pass unchanged in both directions, except
 * for their `request_id`. If something fails, a client sees what it would see without a proxy: a refused connect, or a
 * connection that closes. Settles once each CI has been dialled.
 *
 * Each request has a connection to its CI to itself, up to the pool's `maxConnections` (128 if the pool sets none).
 * Unused connections are closed within 30 s.
 *
 * @throws ChoragusError `unknown_ci` for a name that the pool does not have, `invalid_config` for a bad option,
 *   `unavailable` for an address that cannot be listened on.
 *
 * @example
 * ```ts
 * const pool = createPool({ cis: { apollo: 'tls://apollo.example:45012' } });
 * await using proxy = await serveProxy(pool, { listen: { apollo: 45_012 } });
 * ```
 */
export async function serveProxy(pool: Pool, options: ProxyOptions): Promise<ProxyServer> {
  const carrier = lineCarrierOf(pool);
  const { listen, limits, whenDown } = readProxyOptions(options);
  const unknown = Object.keys(listen).find((ci) => !pool.cis.includes(ci));
  if (unknown !== undefined) {
    throw new ChoragusError('unknown_ci', `the pool has no CI ${JSON.stringify(unknown)}`, { delivery: 'not_sent' });
  }
  const doors = new Doors();
  try {
    for (const [ci, where] of Object.entries(listen)) {
      const door = await Door.build(pool, ci, carrier.carries(ci), { where, limits, whenDown });
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
