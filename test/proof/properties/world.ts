import type { Observable } from 'rxjs';
import type { Chunk, Outcome, Pool, Reply, StreamOptions } from '../../../src/index.js';
import { createPool } from '../../../src/index.js';
import { ManualClock, memoryTransport } from '../../../src/testing/index.js';
import { recordingLogger } from '../../unit/observe/recording-logger.js';
import { type Act, type CiName, ciNames, type PeerManner, type PoolBounds, type Send } from './acts.js';
import { CountedSignal } from './counted-signal.js';
import { ModelCi } from './model-ci.js';
import type { Plan } from './model-link.js';
import { Seen, type SeenHow } from './seen.js';
import { tapped } from './wire-tap.js';

/** Longer than everything a story can make a correct peer do, one thing after the other. */
const PATIENT_MS = 10_000;
/** Part of every user's text, so that tests can search for it where it must not be. */
export const MARK = 'secrét🜁';

/** A pool of three CIs over the memory wire in virtual time, with the CIs' peers, its users, and a ledger of everything. */
export class World {
  readonly clock = new ManualClock();
  readonly log = recordingLogger();
  readonly bounds: PoolBounds;
  readonly pool: Pool;
  readonly seen: Seen[] = [];
  /** Broadcasts: how often each completed or failed, and its parts. */
  readonly broadcasts: { readonly parts: readonly Seen[]; completed: number; failed: number }[] = [];
  readonly signals: CountedSignal[] = [new CountedSignal()];
  /** CIs that were removed at some time; closing the pool removes all. */
  readonly removed = new Set<CiName>();
  /** Drains and warm-ups in progress: they may keep the process alive. */
  holding = 0;
  statesCompleted = 0;
  readonly #seenByKey = new Map<string, Seen>();
  readonly #cis: Readonly<Record<CiName, ModelCi>>;
  readonly #plans = new Map<string, Plan>();
  readonly #openLinks = new Map<string, number>();

  constructor(manners: readonly PeerManner[], bounds: PoolBounds) {
    const wire = memoryTransport({ clock: this.clock });
    this.bounds = bounds;
    const model = (name: CiName): ModelCi => {
      const planOf = (content: string): Plan => this.#planOf(name, content);
      return new ModelCi(name, wire, this.clock, manners, planOf, bounds.pipelining === 1);
    };
    this.#cis = { sound: model('sound'), apollo: model('apollo'), hermes: model('hermes') };
    const tap = tapped(wire, {
      committed: (ci, content) => this.#seenByKey.get(`${ci} ${content}`)?.committed(),
      linkOpened: (ci) => this.#countLink(ci, 1),
      linkClosed: (ci) => this.#countLink(ci, -1),
    });
    this.pool = createPool({
      ...bounds,
      cis: Object.fromEntries(ciNames.map((name) => [name, `memory://${name}`])),
      clock: this.clock,
      transports: { memory: tap },
      logger: this.log,
      random: () => 0.5,
      connectTimeoutMs: 30,
      heartbeatTimeoutMs: 20,
      reconnectDelayMs: 20,
      maxReconnectDelayMs: 100,
      lateReplyGraceMs: 50,
    });
    this.pool.states$.subscribe({
      complete: () => {
        this.statesCompleted += 1;
      },
    });
  }

  /** Requests in flight, or about to be retried by their users. */
  get open(): readonly Seen[] {
    return this.seen.filter(({ isOpen }) => isOpen);
  }

  linksOf(ci: string): number {
    return this.#openLinks.get(ci) ?? 0;
  }

  run(act: Act): void {
    switch (act.do) {
      case 'send':
        return void this.send(act);
      case 'broadcast':
        return this.#broadcast(act);
      case 'giveUp':
        return this.open[act.which % Math.max(this.open.length, 1)]?.giveUp();
      case 'sendAndGiveUp':
        return this.send({ ...PLAIN, ci: act.ci }).giveUp();
      case 'abort':
        this.signals.at(-1)?.abort();
        return void this.signals.push(new CountedSignal());
      case 'wait':
        return this.clock.advance(act.ms);
      case 'add':
        return this.#add(act.ci);
      case 'remove':
        if (!this.pool.cis.includes(act.ci)) return;
        this.removed.add(act.ci);
        return this.#hold(this.pool.remove(act.ci, { drainTimeoutMs: act.drainTimeoutMs }));
      case 'warm':
        return this.#hold(this.pool.warm().catch(() => {}));
      case 'close':
        for (const name of ciNames) this.removed.add(name);
        return this.#hold(this.pool.close({ drainTimeoutMs: act.drainTimeoutMs }));
      case 'breakLinks':
        return this.#cis[act.ci].breakLinks(act.how);
      case 'stopReading':
        return this.#cis[act.ci].stopReading(act.ms);
      case 'stray':
        return this.#cis[act.ci].stray(act.type);
      default:
        return this.#cis[act.ci].outage(act.do, act.ms);
    }
  }

  send({ what, ci, latencyMs, fate, whenDown, priority, signal, retries, ...rest }: Send): Seen {
    const isSound = ci === 'sound';
    const deadlineMs = isSound ? PATIENT_MS : rest.deadlineMs;
    const replyMode = what === 'stream' ? 'stream' : 'whole';
    const seen = this.#note({ ci, replyMode, deadlineMs, retries, signal, haste: isSound ? 'patient' : 'hasty' });
    const { content } = seen.how;
    this.#plans.set(content, { latencyMs, fate });
    const options: StreamOptions = {
      deadlineMs,
      priority,
      waitForReady: whenDown === 'wait',
      signal: signal === 'shared' ? this.signals.at(-1)?.signal : undefined,
    };
    if (what === 'stream') {
      const chunks$: Observable<Chunk> = this.pool.stream(ci, content, options).pipe(seen.retried());
      seen.subscription = chunks$.subscribe({
        next: (chunk) => seen.chunk(chunk),
        error: seen.end,
        complete: seen.end,
      });
    } else {
      const reply$: Observable<Reply> =
        what === 'ask' ? this.pool.ask(ci, content, options) : this.pool.request(ci, { type: what, content }, options);
      const next = (reply: Reply): void => seen.reply(reply);
      seen.subscription = reply$.pipe(seen.retried()).subscribe({ next, error: seen.end, complete: seen.end });
    }
    return seen;
  }

  /** Also while an earlier CI of this name still drains. */
  #add(ci: CiName): void {
    if (this.pool.state !== 'running' || this.pool.cis.includes(ci)) return;
    this.pool.add(ci, `memory://${ci}`);
  }

  #broadcast({ replyMode, deadlineMs, latencyMs, fate }: Extract<Act, { do: 'broadcast' }>): void {
    const content = this.#newContent();
    this.#plans.set(content, { latencyMs, fate });
    const parts = this.pool.cis.map((ci) =>
      this.#note({ ci: ci as CiName, replyMode, deadlineMs, retries: 0, signal: 'none', haste: 'hasty' }, content),
    );
    for (const part of parts) part.begins();
    const ledger = { parts, completed: 0, failed: 0 };
    this.broadcasts.push(ledger);
    const said$: Observable<Outcome | Chunk> = this.pool.broadcast(content, {
      stream: replyMode === 'stream',
      deadlineMs,
    });
    const subscription = said$.subscribe({
      next: (said) => {
        const part = parts.find(({ how }) => how.ci === said.ci);
        if ('ok' in said) part?.outcome(said);
        else part?.chunk(said);
      },
      error: () => {
        ledger.failed += 1;
      },
      complete: () => {
        ledger.completed += 1;
      },
    });
    // A broadcast is cancelled as a whole: cancelling one part cancels all.
    subscription.add(() => {
      for (const part of parts) part.giveUp();
    });
    for (const part of parts) part.subscription = subscription;
  }

  #note(how: Omit<SeenHow, 'content'>, content = this.#newContent()): Seen {
    const seen = new Seen({ ...how, content }, this.clock);
    this.seen.push(seen);
    this.#seenByKey.set(`${how.ci} ${content}`, seen);
    return seen;
  }

  #newContent(): string {
    return `q${this.seen.length} ${MARK}`;
  }

  #planOf(ci: CiName, content: string): Plan {
    const { latencyMs, fate } = this.#plans.get(content) ?? { latencyMs: 1, fate: 'answer' };
    return { latencyMs, fate: ci === 'sound' ? 'answer' : fate };
  }

  #countLink(ci: string, change: number): void {
    this.#openLinks.set(ci, this.linksOf(ci) + change);
  }

  #hold(promise: Promise<unknown>): void {
    this.holding += 1;
    void promise.finally(() => {
      this.holding -= 1;
    });
  }
}

const PLAIN: Send = {
  do: 'send',
  what: 'ask',
  ci: 'sound',
  deadlineMs: 100,
  latencyMs: 10,
  fate: 'answer',
  whenDown: 'fail',
  priority: 'normal',
  signal: 'none',
  retries: 0,
};
