import { type Observable, Subject } from 'rxjs';
import { check } from '../checks/index.js';
import { Connection } from '../connection/connection.js';
import { ConnectionMachines } from '../connection/connection-machines.js';
import type {
  BroadcastOptions,
  Chunk,
  CiOptions,
  Clock,
  DrainReport,
  Limits,
  Logger,
  Message,
  Outcome,
  Pool,
  PoolSnapshot,
  Reply,
  RequestOptions,
  StateChange,
  StreamOptions,
  Transport,
  WarmReport,
  WireMessage,
} from '../contract/index.js';
import { LINE_CARRIER, type LineCarrier } from '../contract/line-carrier.js';
import { ChoragusError, invalidConfig, poolClosed, unknownCi } from '../errors/index.js';
import { publishIncident } from '../observe/channels.js';
import type { Inspect } from '../observe/inspect.js';
import { CiMetrics } from '../observe/metrics.js';
import { WATCHABLE, type Watchable } from '../observe/watchable.js';
import { encodeChat, encodeMessage } from '../protocol/encode-request.js';
import { AbortWatch } from '../request/abort-watch.js';
import { ExchangeTaps } from '../request/exchange-taps.js';
import { DeadlineWheel } from '../schedule/deadline-wheel.js';
import { DialGate } from '../schedule/dial-gate.js';
import { once } from '../schedule/once.js';
import { TurnBudget } from '../schedule/turn-budget.js';
import { BroadcastObservable } from './broadcast.js';
import { ciNames, readBroadcastOptions } from './broadcast-options.js';
import { Ci } from './ci.js';
import type { CiParts } from './ci-parts.js';
import { drainCis, drainTimeoutOf } from './drain.js';
import { PoolLineCarrier } from './line-carrier.js';
import { type PoolSettings, readCiOptions } from './options.js';
import { PoolWatch } from './pool-watch.js';
import { type FindCi, type RequestKind, RequestObservable } from './request-observable.js';
import { snapshotOf } from './snapshot.js';
import { Supervisor } from './supervisor.js';
import { warmCis } from './warm.js';

/** The largest number of bad CIs that one message names. */
const MAX_FAULTS = 10;

const chat: RequestKind<Message> = {
  operation: 'ask',
  replyMode: 'whole',
  encode: (message) => encodeChat(message, 'whole'),
};
const chatStream: RequestKind<Message> = {
  operation: 'stream',
  replyMode: 'stream',
  encode: (message) => encodeChat(message, 'stream'),
};
const any: RequestKind<WireMessage> = { operation: 'request', replyMode: 'whole', encode: encodeMessage };

/** What a pool is given, so that it imports no transport, clock or logger. */
export interface PoolParts {
  readonly transports: Readonly<Record<string, Transport>>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly inspect: Inspect | undefined;
}

/** The pool that the user holds. Joins the supervisor, the CIs and what they share. */
export class ActorPool implements Pool {
  readonly #settings: PoolSettings;
  readonly #transports: PoolParts['transports'];
  readonly #clock: Clock;
  readonly #machines: ConnectionMachines<Connection>;
  readonly #ciParts: CiParts;
  /** Spreads the closing of CIs over turns of the event loop. */
  readonly #closings: TurnBudget;
  readonly #supervisor: Supervisor;
  readonly #cis = new Map<string, Ci>();
  /** Removed CIs that still drain. */
  readonly #leaving = new Set<Ci>();
  /** The counts of CIs that have left, and the durations of all but `total`, which has those that have left. */
  readonly #past = new CiMetrics();
  /** The limits of wires with a default of their own, so that CIs with the same limits share one object. */
  readonly #wireLimits = new Map<number, Limits>();
  readonly #states = new Subject<StateChange>();
  readonly states$: Observable<StateChange> = this.#states.asObservable();
  #closing: Promise<DrainReport> | undefined;
  #cut: () => void = () => {};

  /** @internal For `choragus/inspector`. */
  readonly [WATCHABLE]: Watchable;
  /** @internal For `serveProxy`. */
  readonly [LINE_CARRIER]: LineCarrier;

  constructor(settings: PoolSettings, parts: PoolParts) {
    const { clock, logger, inspect } = parts;
    this.#settings = settings;
    this.#transports = parts.transports;
    this.#clock = clock;
    this.#closings = new TurnBudget(clock);
    this.#machines = new ConnectionMachines(clock, inspect);
    this.#supervisor = new Supervisor(settings, clock, inspect, {
      restart: (ci) => this.#cis.get(ci)?.restart() === true,
      quarantine: (ci) => this.#cis.get(ci)?.quarantine(),
      readmit: (ci) => this.#cis.get(ci)?.readmit(),
      closing: () => this.#cut(),
    });
    this.#ciParts = this.#partsOfCis(parts);
    this[WATCHABLE] = new PoolWatch({
      cis: this.#cis,
      leaving: this.#leaving,
      past: this.#past,
      supervisor: this.#supervisor,
      machines: this.#machines,
      exchanges: this.#ciParts.exchanges,
      states$: this.states$,
      logger,
      remove: (ci) => this.remove(ci),
    });
    // Completes when the pool is closed.
    this.#supervisor.incidents.incident$.subscribe((incident) => publishIncident(this, incident));
    this[LINE_CARRIER] = new PoolLineCarrier(this.#find, settings.given, this.#supervisor);
    this.#addAll(settings.cis);
  }

  get state(): PoolSnapshot['state'] {
    return this.#supervisor.state;
  }

  get cis(): readonly string[] {
    return [...this.#cis.keys()];
  }

  ask(ci: string, message: Message, options?: RequestOptions): Observable<Reply> {
    return new RequestObservable<Reply, Message>(this.#find, ci, chat, message, options);
  }

  stream(ci: string, message: Message, options?: StreamOptions): Observable<Chunk> {
    return new RequestObservable<Chunk, Message>(this.#find, ci, chatStream, message, options);
  }

  request(ci: string, message: WireMessage, options?: RequestOptions): Observable<Reply> {
    return new RequestObservable<Reply, WireMessage>(this.#find, ci, any, message, options);
  }

  broadcast(
    message: Message,
    options?: BroadcastOptions & { readonly stream?: false | undefined },
  ): Observable<Outcome>;
  broadcast(message: Message, options: BroadcastOptions): Observable<Outcome | Chunk>;
  broadcast(message: Message, options?: BroadcastOptions): Observable<Outcome | Chunk> {
    const { to, replyMode, options: own } = readBroadcastOptions(options, this.#settings);
    const { operation, encode } = replyMode === 'stream' ? chatStream : chat;
    // Made once, so that a second subscription fails for each part that may have been sent.
    const parts = once(() => {
      const encoded = once(() => encode(message));
      const kind = { operation, replyMode, encode: encoded };
      return [...new Set(to ?? this.#cis.keys())].map(
        (ci) => new RequestObservable(this.#find, ci, kind, message, own),
      );
    });
    return new BroadcastObservable(parts);
  }

  async warm(cis?: readonly string[]): Promise<WarmReport> {
    const names = cis === undefined ? this.cis : check(ciNames, cis, { of: 'warm', argument: 'cis' });
    const targets = names.map((name) => {
      const ci = this.#cis.get(name);
      if (ci === undefined) throw unknownCi(name);
      return ci;
    });
    if (!this.#supervisor.isAccepting) throw poolClosed();
    this.#supervisor.keepUp(names, 'warm');
    return warmCis(targets, this.states$, this.#ciParts.openings, this.#clock);
  }

  add(ci: string, options: string | CiOptions): void {
    if (!this.#supervisor.isAccepting) throw poolClosed();
    const settings = readCiOptions(ci, options, (url) => this.#limitsOf(url));
    if (this.#cis.has(ci)) throw invalidConfig(`the pool has a CI "${ci}" already`);
    const transport = this.#transportOf(settings.url);
    if (transport === undefined) {
      const known = Object.keys(this.#transports).map((name) => `${name}:`);
      throw invalidConfig(`CI "${ci}": its url must begin with one of ${known.join(', ')}`);
    }
    this.#cis.set(ci, new Ci(ci, settings, transport, this.#ciParts));
  }

  async remove(name: string, options?: { readonly drainTimeoutMs?: number | undefined }): Promise<DrainReport> {
    const ci = this.#cis.get(name);
    if (ci === undefined) throw unknownCi(name);
    const timeoutMs = drainTimeoutOf('remove', options, this.#settings.drainTimeoutMs);
    // From now on the name is free.
    this.#cis.delete(name);
    this.#leaving.add(ci);
    this.#supervisor.removing(name);
    ci.leave();
    let timer: unknown;
    const report = await drainCis([ci], this.#clock, this.#closings, (cut) => {
      timer = this.#clock.setTimeout(cut, timeoutMs, 'keepsAlive');
    });
    this.#clock.clearTimeout(timer);
    this.#leaving.delete(ci);
    this.#supervisor.removed(name);
    this.#past.addLeft(ci.metrics);
    return report;
  }

  snapshot(): PoolSnapshot {
    const { state } = this.#supervisor;
    const whole = { state, cis: this.#cis.values(), leaving: this.#leaving, past: this.#past };
    return snapshotOf(whole, this.#clock.now());
  }

  close(options?: { readonly drainTimeoutMs?: number | undefined }): Promise<DrainReport> {
    try {
      const timeoutMs = drainTimeoutOf('close', options, this.#settings.drainTimeoutMs);
      this.#closing ??= this.#close(timeoutMs);
      return this.#closing;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(timeoutMs: number): Promise<DrainReport> {
    this.#supervisor.drain(timeoutMs);
    const all = [...this.#cis.values(), ...this.#leaving];
    const armCut = (cut: () => void): void => {
      this.#cut = cut;
    };
    const report = await drainCis(all, this.#clock, this.#closings, armCut, () => this.#supervisor.drained());
    this.#ciParts.wheel.stop();
    this.#supervisor.closed();
    this.#states.complete();
    return report;
  }

  /** Adds CIs, and reports all bad ones at once. */
  #addAll(cis: PoolSettings['cis']): void {
    const faults: string[] = [];
    for (const [ci, options] of Object.entries(cis)) {
      try {
        this.add(ci, options);
      } catch (error) {
        if (!(error instanceof ChoragusError)) throw error;
        faults.push(error.reason);
      }
    }
    if (faults.length === 0) return;
    const more = faults.length > MAX_FAULTS ? `; and ${faults.length - MAX_FAULTS} more` : '';
    throw invalidConfig(faults.slice(0, MAX_FAULTS).join('; ') + more);
  }

  /**
   * Returns the limits of a CI without its own: the pool's, with the wire's default for those that the pool's options
   * do not set.
   */
  #limitsOf(url: string): Limits {
    const { limits, given } = this.#settings;
    const maxRequestBytes = this.#transportOf(url)?.maxRequestBytes;
    if (maxRequestBytes === undefined || given.has('maxRequestBytes')) return limits;
    const known = this.#wireLimits.get(maxRequestBytes) ?? Object.freeze({ ...limits, maxRequestBytes });
    this.#wireLimits.set(maxRequestBytes, known);
    return known;
  }

  /** Returns the transport of a CI; undefined for an unknown scheme. */
  #transportOf(url: string): Transport | undefined {
    const scheme = /^([a-z][a-z\d+.-]*):/.exec(url)?.[1] ?? '';
    return Object.hasOwn(this.#transports, scheme) ? this.#transports[scheme] : undefined;
  }

  readonly #find: FindCi = (name) => {
    const ci = this.#cis.get(name);
    if (!this.#supervisor.isAccepting) throw poolClosed(name);
    if (ci === undefined) throw unknownCi(name);
    return ci;
  };

  #partsOfCis({ clock, random, logger }: PoolParts): CiParts {
    const machines = this.#machines;
    const dialGate = new DialGate(this.#settings.maxDials);
    const connectionParts = { clock, random, machines, dialGate, losses: new TurnBudget(clock) };
    return {
      pool: this,
      clock,
      logger,
      openings: new TurnBudget(clock),
      wheel: new DeadlineWheel(clock),
      aborts: new AbortWatch(),
      exchanges: new ExchangeTaps(),
      states: this.#states,
      durations: this.#past.durations,
      ordering: this.#settings.ordering,
      connect: (ci, number) => new Connection(machines.freeName(ci.name, number), ci, connectionParts),
      isKeptUp: (ci) => this.#supervisor.upkeepOf(ci) !== undefined,
      // A CI that is being removed must not affect its successor of the same name.
      crashed: (ci) => {
        if (this.#cis.get(ci.name) === ci) this.#supervisor.crashed(ci.name);
      },
      violated: (ci, line) => {
        this.#supervisor.incidents.note('out_of_order', ci, this.#settings.logContent ? line : undefined);
      },
    };
  }
}
