import type net from 'node:net';
import type { Subscription } from 'rxjs';
import type { CarriedCi, Pool } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { listen } from '../server/listen.js';
import type { SocketListenOptions } from '../server/listen-options.js';
import type { Listener } from '../server/socket-register.js';
import { type ClientLimits, ProxiedClient } from './proxied-client.js';

/** What a client sees while its CI is down: that nobody listens, or that its connection is taken and closed at once. */
export type WhenDown = 'refuse' | 'close';

/** How long after an address was found taken it is tried again, in ms. */
const RETRY_MS = 250;

/** Where one CI's clients come in: open while the CI can be reached. */
export class Door {
  readonly #ci: string;
  readonly #carried: CarriedCi;
  readonly #limits: ClientLimits;
  readonly #whenDown: WhenDown;
  readonly #listener: Listener;
  readonly #clients = new Set<ProxiedClient>();
  readonly #watching: Subscription;
  #state: 'open' | 'shut' | 'closing' = 'open';
  #retry: NodeJS.Timeout | undefined;

  private constructor(pool: Pool, ci: string, carried: CarriedCi, options: DoorOptions, listener: Listener) {
    this.#ci = ci;
    this.#carried = carried;
    this.#limits = options.limits;
    this.#whenDown = options.whenDown;
    this.#listener = listener;
    this.#watching = pool.states$.subscribe(({ ci: changed, from, to }) => {
      if (changed !== ci) return;
      if (to === 'healthy') this.open();
      // A link that is lost may have been closed for idleness: only a dial that fails tells that nobody is there.
      else if (from === 'connecting' && to === 'reconnecting' && !carried.isLinked) this.shut();
    });
  }

  /** Listens. @throws ChoragusError `invalid_config` for a bad address, `unavailable` for one that cannot be listened on */
  static async build(pool: Pool, ci: string, carried: CarriedCi, options: DoorOptions): Promise<Door> {
    const early: net.Socket[] = [];
    let door: Door | undefined;
    const listener = await listen(options.where, (socket) => {
      if (door === undefined) early.push(socket);
      else door.#accept(socket);
    });
    door = new Door(pool, ci, carried, options, listener);
    for (const socket of early) door.#accept(socket);
    return door;
  }

  get url(): string {
    return this.#listener.url;
  }

  /** Clients that are connected now. */
  get clients(): number {
    return this.#listener.open;
  }

  /** Clients that ever came. */
  get totalClients(): number {
    return this.#listener.accepted;
  }

  /** The CI can be reached. */
  open(): void {
    if (this.#state !== 'shut') return;
    this.#state = 'open';
    if (this.#whenDown === 'refuse') void this.#listenAgain();
  }

  /** The CI is down: nobody is let in, and those who are in have nothing to wait for. */
  shut(): void {
    if (this.#state !== 'open') return;
    this.#state = 'shut';
    if (this.#whenDown === 'refuse') this.#listener.pause();
    const error = new ChoragusError('unavailable', 'the CI is down', { ci: this.#ci, delivery: 'not_sent' });
    for (const client of [...this.#clients]) client.refuse(error);
  }

  /** Lets nobody in any more; those who are in are answered, and go. Settles once none is left. */
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
      // It may have gone down again meanwhile.
      if (this.#state !== 'open') this.#listener.pause();
    } catch {
      // Somebody else has the address now, for a moment perhaps.
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

/** What a door is built of. */
export interface DoorOptions {
  readonly where: SocketListenOptions;
  readonly limits: ClientLimits;
  readonly whenDown: WhenDown;
}
