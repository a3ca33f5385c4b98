import type { Pool } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { CiListener } from './ci-listener.js';
import { lineCarrierOf, type ProxyOptions, readDrainTimeout, readProxyOptions } from './proxy-options.js';

/** Describes a running proxy. */
export interface ProxyServer extends AsyncDisposable {
  /** The address that each CI's clients connect to, by name. */
  readonly urls: Readonly<Record<string, string>>;
  /** Number of clients that are connected now. */
  readonly clients: number;
  /** Number of clients ever accepted. */
  readonly totalClients: number;
  /**
   * Stops accepting clients and requests, waits for the requests in flight, and cuts those that take too long. The pool
   * stays open.
   *
   * @param options - `drainTimeoutMs`: how long to wait, in ms. Default: 5,000.
   */
  close(options?: { readonly drainTimeoutMs?: number | undefined }): Promise<void>;
}

/**
 * Listens at the addresses where clients expect their CIs, and sends their requests over one pool. A client can still
 * open a connection for each message: the CI sees only the pool's connections. Lines pass unchanged in both directions,
 * except for their `request_id`. If something fails, a client sees what it would see without a proxy: a refused connect,
 * or a connection that closes. Settles once each CI has been dialled.
 *
 * Each request uses a connection to its CI alone, up to the pool's `maxConnections` (128 if the pool sets none). The
 * proxy closes unused connections within 30 s.
 *
 * @throws ChoragusError `unknown_ci` for a name that the pool does not have, `invalid_config` for a bad option,
 *   `unavailable` if the system refuses to listen on an address.
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
    const message = `the pool has no CI ${JSON.stringify(unknown)}: use names of its CIs in option "listen"`;
    throw new ChoragusError('unknown_ci', message, { delivery: 'not_sent' });
  }
  const listeners = new CiListeners();
  try {
    for (const [ci, where] of Object.entries(listen)) {
      const listener = await CiListener.build(pool, ci, carrier.carries(ci), { where, limits, whenDown });
      listeners.add(ci, listener);
    }
    await listeners.shutThose(pool);
  } catch (error) {
    await listeners.close(0);
    throw error;
  }
  const close: ProxyServer['close'] = async (how) => listeners.close(readDrainTimeout(how));
  return {
    urls: listeners.urls,
    get clients() {
      return listeners.sum(({ clients }) => clients);
    },
    get totalClients() {
      return listeners.sum(({ totalClients }) => totalClients);
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

/** The listeners of a proxy. */
class CiListeners {
  readonly #listeners = new Map<string, CiListener>();
  readonly urls: Record<string, string> = {};

  add(ci: string, listener: CiListener): void {
    this.#listeners.set(ci, listener);
    this.urls[ci] = listener.url;
  }

  /** Dials all CIs, and shuts the listeners of those that are down. */
  async shutThose(pool: Pool): Promise<void> {
    const { down } = await pool.warm([...this.#listeners.keys()]);
    for (const { ci } of down) this.#listeners.get(ci)?.shut();
  }

  sum(count: (listener: CiListener) => number): number {
    return [...this.#listeners.values()].reduce((sum, listener) => sum + count(listener), 0);
  }

  async close(drainTimeoutMs: number): Promise<void> {
    const listeners = [...this.#listeners.values()];
    const drained = Promise.all(listeners.map((listener) => listener.drain()));
    let timer: NodeJS.Timeout | undefined;
    const timedOut = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, drainTimeoutMs);
    });
    await Promise.race([drained, timedOut]);
    clearTimeout(timer);
    await Promise.all(listeners.map((listener) => listener.close()));
  }
}
