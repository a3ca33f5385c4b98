import { initialTransition, transition } from 'xstate';
import { type OrderingEvent, type OrderingSnapshot, orderingMachine } from '../../machines/index.js';
import type { Ordering } from '../contract/index.js';
import type { Order } from '../protocol/correlator.js';
import type { ProbeType } from '../protocol/fence.js';
import type { Examination, Examiner } from './examination.js';

/** A CI whose requests have fresh links is examined again after this many of them. */
const REQUESTS_BETWEEN = 200;
/** It is also examined again after this time, in ms. */
const TIME_BETWEEN_MS = 300_000;

/** One disconnect at a probe may be chance; after this many in a row, the probe counts as the cause. */
const MOST_CUTS = 3;
/** A CI counts as answering line by line after this many links in a row, each judged by its first request. */
const TRIALS = 3;
/** The same for a CI that once handled several lines at once. */
const TRIALS_AFTER_ALL = 16;
/**
 * One trial is enough if the request took this many times as long as a probe, plus `SLOWER_MS`, and was still answered
 * before its probe. Not for a CI that once handled several lines at once.
 */
const SLOWER_TIMES = 3;
const SLOWER_MS = 2;

/**
 * A proof that comes this long after its answer, in ms, was delayed by TCP: the peer's second small packet waits for
 * the acknowledgement of the first (Nagle's algorithm and delayed acknowledgements, RFC 896 and RFC 1122).
 */
const KEPT_BACK_MS = 25;
/**
 * After this many delayed proofs in a row, probes are sent after the answer, in a packet that acknowledges it. After
 * this many prompt ones, with the request again.
 */
const MOST_KEPT_BACK = 4;
/** One request of this many has its probe at once anyway: only that detects a CI that handles several lines at once. */
const REQUESTS_PER_SAMPLE = 64;

/**
 * The first states, and a cache of later ones: a transition is pure, and computing one takes as long as several
 * requests.
 */
const firstStates = {
  proved: initialTransition(orderingMachine, { ordering: 'proved' })[0],
  trusted: initialTransition(orderingMachine, { ordering: 'trusted' })[0],
} as const;
const nextStates = new Map<string, OrderingSnapshot>();

function nextState(state: OrderingSnapshot, type: OrderingEvent['type']): OrderingSnapshot {
  // The key is complete: the context is only the user's setting, and only `trusted` depends on it.
  const key = `${state.value} ${type}`;
  const next = nextStates.get(key) ?? transition(orderingMachine, state, { type })[0];
  nextStates.set(key, next);
  return next;
}

/**
 * Knows one CI: how its answers are matched to requests, and which probes it answers. It outlives all connections. The
 * ordering machine decides the ordering.
 */
export class OrderJudge implements Order, Examiner {
  readonly #now: () => number;
  #state: OrderingSnapshot;
  #kind: Ordering;
  /** The probes that the CI answered. */
  #probes: readonly ProbeType[] = [];
  #fenced = 0;
  #examination: Examination | undefined;
  /** Requests with fresh links since the last examination, and the time of that. */
  #requests = 0;
  #sinceMs = 0;
  #pings: 'untried' | 'answered' | 'ignored' = 'untried';
  #record: 'clean' | 'violated' = 'clean';
  #probing: 'at once' | 'after the answer' = 'at once';
  /** Proofs in a row that support the other way of probing. */
  #forTheOther = 0;
  #cuts = 0;
  #trials = TRIALS;
  #past: 'in order' | 'concurrent' = 'in order';
  /** The longest time that a probe took in an examination, in ms. */
  #probeMs = 0;

  constructor(ordering: 'proved' | 'trusted', now: () => number) {
    this.#now = now;
    this.#state = firstStates[ordering];
    this.#kind = this.#state.value as Ordering;
  }

  get kind(): Ordering {
    return this.#kind;
  }

  /** Returns whether a ping is useful: some CIs ignore it. */
  get answersPings(): boolean {
    return this.#pings !== 'ignored';
  }

  /** Returns whether the CI never sent an unexpected frame. */
  get isClean(): boolean {
    return this.#record === 'clean';
  }

  /** Returns the probes that the CI answered: at least one, if its order is proved. */
  get probes(): readonly ProbeType[] {
    return this.#probes;
  }

  /** Returns whether to write the next request's probe together with the request. */
  probesAtOnce(): boolean {
    this.#fenced += 1;
    return this.#probing === 'at once' || this.#fenced % REQUESTS_PER_SAMPLE === 0;
  }

  /** Notes how long a proof came after its answer, in ms. The probe was written with its request. */
  provedAfter(ms: number): void {
    this.#cuts = 0;
    const isKeptBack = ms >= KEPT_BACK_MS;
    this.#forTheOther = isKeptBack === (this.#probing === 'at once') ? this.#forTheOther + 1 : 0;
    if (this.#forTheOther < MOST_KEPT_BACK) return;
    this.#forTheOther = 0;
    this.#probing = isKeptBack ? 'after the answer' : 'at once';
  }

  /** Notes that a request had a fresh link. */
  usedFresh(): void {
    this.#requests += 1;
  }

  /**
   * Returns whether each link takes only one request. While the CI may handle several lines at once, only a link's first
   * request can show it.
   */
  get isOnTrial(): boolean {
    return this.#trials > 0;
  }

  /** Notes that the first request of a link was answered before its probe, after `tookMs`. */
  stoodTrial(tookMs: number): void {
    const isSure = this.#past === 'in order' && tookMs >= this.#probeMs * SLOWER_TIMES + SLOWER_MS;
    this.#trials = isSure ? 0 : this.#trials - 1;
  }

  /**
   * Notes that a link broke between an answer and its proof. Returns whether this counts as the CI's behaviour: one
   * break may be chance.
   */
  wasCut(): boolean {
    this.#cuts += 1;
    return this.#cuts >= MOST_CUTS;
  }

  // Called by examinations.

  /** Notes how long a probe took in an examination, in ms. */
  answeredAfter(ms: number): void {
    this.#probeMs = Math.max(this.#probeMs, ms);
  }

  /** Returns whether it is time to examine the CI again. */
  get mayExamine(): boolean {
    if (this.#examination !== undefined) return false;
    return this.#requests >= REQUESTS_BETWEEN || this.#now() - this.#sinceMs >= TIME_BETWEEN_MS;
  }

  takesUp(examination: Examination): boolean {
    if (this.#kind === 'proved') return false;
    this.#examination ??= examination;
    return this.#examination === examination;
  }

  drops(examination: Examination): void {
    if (this.#examination === examination) this.#examination = undefined;
  }

  /**
   * Ends an examination with the probes that were answered, each once and in order; or because the CI disconnected
   * (`left`) or was silent.
   */
  examined(answered: readonly ProbeType[], how: 'left' | 'silent' | 'done'): void {
    if (how === 'left' && !this.wasCut()) return;
    this.#cuts = 0;
    this.#probes = answered;
    this.#pings = answered.includes('ping') ? 'answered' : 'ignored';
    this.#begin();
    this.learn(answered.length > 0 ? 'probes.answered' : 'probes.unanswered');
  }

  /** Notes an unexpected frame. If the order was proved on that connection before, the ordering stays. */
  violated(wasProved: boolean): void {
    this.#record = 'violated';
    if (!wasProved) this.learn('order.violated');
  }

  learn(type: OrderingEvent['type']): void {
    if (type === 'order.concurrent') {
      this.#trials = TRIALS_AFTER_ALL;
      this.#past = 'concurrent';
      this.#examination?.dismiss();
      this.#examination = undefined;
    }
    const next = nextState(this.#state, type);
    this.#state = next;
    const kind = next.value as Ordering;
    if (kind === this.#kind) return;
    this.#kind = kind;
    this.#begin();
  }

  #begin(): void {
    this.#requests = 0;
    this.#sinceMs = this.#now();
  }
}
