import type net from 'node:net';
import type { Subscription } from 'rxjs';
import type { CarriedCi, Pool } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { listen } from '../server/listen.js';
import type { SocketListenOptions } from '../server/listen-options.js';
import type { Listener } from '../server/socket-register.js';
import { type ClientLimits, ProxiedClient } from './proxied-client.js';

/** What a client sees while its CI is down. `refuse`: its connect is refused. `close`: its connection is accepted and closed at once. */
export type WhenDown = 'refuse' | 'close';

/** Delay before the next attempt to listen on an address that is in use, in ms. */
const RETRY_MS = 250;

/** Listens for the clients of one CI while the CI can be reached. */
export class CiListener {
  readonly #ci: string;
  readonly #carried: CarriedCi;
  readonly #limits: ClientLimits;
  readonly #whenDown: WhenDown;
  readonly #listener: Listener;
  readonly #clients = new Set<ProxiedClient>();
  readonly #watching: Subscription;
  #state: 'open' | 'shut' | 'closing' = 'open';
  #retry: NodeJS.Timeout | undefined;

  private constructor(pool: Pool, ci: string, carried: CarriedCi, options: CiListenerOptions, listener: Listener) {
    this.#ci = ci;
    this.#carried = carried;
    this.#limits = options.limits;
    this.#whenDown = options.whenDown;
    this.#listener = listener;
    this.#watching = pool.states$.subscribe(({ ci: changed, from, to }) => {
      if (changed !== ci) return;
      if (to === 'healthy') this.open();
      // A lost link may have been closed because it was idle. Only a failed dial means that the CI is down.
      else if (from === 'connecting' && to === 'reconnecting' && !carried.isLinked) this.shut();
    });
  }

  /** Listens. @throws ChoragusError `invalid_config` for a bad address, `unavailable` if the system refuses to listen on it */
  static async build(pool: Pool, ci: string, carried: CarriedCi, options: CiListenerOptions): Promise<CiListener> {
    const early: net.Socket[] = [];
    let ciListener: CiListener | undefined;
    const listener = await listen(options.where, (socket) => {
      if (ciListener === undefined) early.push(socket);
      else ciListener.#accept(socket);
    });
    ciListener = new CiListener(pool, ci, carried, options, listener);
    for (const socket of early) ciListener.#accept(socket);
    return ciListener;
  }

  get url(): string {
    return this.#listener.url;
  }

  /** Number of clients that are connected now. */
  get clients(): number {
    return this.#listener.open;
  }

  /** Number of clients ever accepted. */
  get totalClients(): number {
    return this.#listener.accepted;
  }

  /** Accepts clients again: the CI can be reached. */
  open(): void {
    if (this.#state !== 'shut') return;
    this.#state = 'open';
    if (this.#whenDown === 'refuse') void this.#listenAgain();
  }

  /** Accepts no clients, and fails the requests of the connected ones: the CI is down. */
  shut(): void {
    if (this.#state !== 'open') return;
    this.#state = 'shut';
    if (this.#whenDown === 'refuse') this.#listener.pause();
    const error = new ChoragusError('unavailable', 'the CI is down', { ci: this.#ci, delivery: 'not_sent' });
    for (const client of [...this.#clients]) client.refuse(error);
  }

  /** Accepts no more clients, and closes each client once it is answered. Settles once no client is connected. */
  async drain(): Promise<void> {
    this.#state = 'closing';
    this.#watching.unsubscribe();
    clearTimeout(this.#retry);
    for (const client of [...this.#clients]) client.drain();
    await this.#listener.whenEmpty();
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  async #listenAgain(): Promise<void> {
    try {
      await this.#listener.resume();
      // The CI may have gone down again.
      if (this.#state !== 'open') this.#listener.pause();
    } catch {
      // Another process uses the address now, perhaps only briefly.
      if (this.#state !== 'open') return;
      this.#retry = setTimeout(() => void this.#listenAgain(), RETRY_MS);
    }
  }

  #accept(socket: net.Socket): void {
    if (this.#state !== 'open') {
      socket.destroy();
      return;
    }
    const client = new ProxiedClient(socket, this.#carried, this.#limits);
    this.#clients.add(client);
    socket.once('close', () => this.#clients.delete(client));
    client.start();
  }
}

/** Configures the listener of one CI. */
export interface CiListenerOptions {
  readonly where: SocketListenOptions;
  readonly limits: ClientLimits;
  readonly whenDown: WhenDown;
}
