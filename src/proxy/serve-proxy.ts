import type net from 'node:net';
import type { Pool } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { listen, type SocketListenOptions } from '../server/listen.js';
import type { Listener } from '../server/socket-register.js';
import { type ClientLimits, ProxiedClient } from './proxied-client.js';

/** Options of {@link serveProxy}. */
export interface ProxyOptions extends Partial<ClientLimits> {
  /** Where each CI's clients expect it, by the CI's name: a port of 127.0.0.1, or more. */
  readonly listen: Readonly<Record<string, number | SocketListenOptions>>;
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

/**
 * Listens where clients expect their CIs, and carries them over one pool: a client that opens a connection for each message costs
 * no connection to the CI any more, and need not be changed. It speaks the wire of the CIs: ids come back as they were sent,
 * answers in the order of the requests, streams piece by piece.
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
  const limits = readLimits(options);
  const unknown = Object.keys(options.listen).find((ci) => !pool.cis.includes(ci));
  if (unknown !== undefined) {
    throw new ChoragusError('unknown_ci', `the pool has no CI ${JSON.stringify(unknown)}`, { delivery: 'not_sent' });
  }
  const proxy = new ProxyListeners(pool, limits);
  try {
    for (const [ci, where] of Object.entries(options.listen)) await proxy.listen(ci, where);
  } catch (error) {
    await proxy.close(0);
    throw error;
  }
  const close: ProxyServer['close'] = ({ drainTimeoutMs = DRAIN_MS } = {}) => proxy.close(drainTimeoutMs);
  return {
    urls: proxy.urls,
    get clients() {
      return proxy.sum((listener) => listener.open);
    },
    get totalClients() {
      return proxy.sum((listener) => listener.accepted);
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

class ProxyListeners {
  readonly #pool: Pool;
  readonly #limits: ClientLimits;
  readonly #listeners: Listener[] = [];
  readonly #clients = new Set<ProxiedClient>();
  readonly urls: Record<string, string> = {};
  #state: 'open' | 'closing' = 'open';

  constructor(pool: Pool, limits: ClientLimits) {
    this.#pool = pool;
    this.#limits = limits;
  }

  async listen(ci: string, where: number | SocketListenOptions): Promise<void> {
    const options = typeof where === 'number' ? { port: where } : where;
    const listener = await listen(options, (socket) => this.#accept(socket, ci));
    this.#listeners.push(listener);
    this.urls[ci] = listener.url;
  }

  sum(count: (listener: Listener) => number): number {
    return this.#listeners.reduce((sum, listener) => sum + count(listener), 0);
  }

  async close(drainTimeoutMs: number): Promise<void> {
    this.#state = 'closing';
    for (const client of [...this.#clients]) client.drain();
    const drained = Promise.all(this.#listeners.map((listener) => listener.whenEmpty()));
    let timer: NodeJS.Timeout | undefined;
    const timedOut = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, drainTimeoutMs);
    });
    await Promise.race([drained, timedOut]);
    clearTimeout(timer);
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  #accept(socket: net.Socket, ci: string): void {
    if (this.#state === 'closing') {
      socket.destroy();
      return;
    }
    const client = new ProxiedClient(socket, ci, this.#pool, this.#limits);
    this.#clients.add(client);
    socket.once('close', () => this.#clients.delete(client));
    client.start();
  }
}

const defaults: ClientLimits = { maxLineBytes: 65_536, maxPending: 64, maxUnreadBytes: 33_554_432 };

function readLimits({ listen: _, ...given }: ProxyOptions): ClientLimits {
  const limits: Record<string, number> = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, name)) throw invalid(`${name} is not an option`);
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < 1) throw invalid(`${name} takes a whole number from 1`);
    limits[name] = value;
  }
  return limits as unknown as ClientLimits;
}

function invalid(message: string): ChoragusError {
  return new ChoragusError('invalid_config', `serveProxy: ${message}`, { delivery: 'not_sent' });
}
