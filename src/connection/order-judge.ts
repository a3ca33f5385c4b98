import { initialTransition, transition } from 'xstate';
import { type OrderingEvent, type OrderingSnapshot, orderingMachine } from '../../machines/index.js';
import type { Ordering } from '../contract/index.js';
import type { Order } from '../protocol/correlator.js';
import type { ProbeType } from '../protocol/fence.js';
import type { Examination, Examiner } from './examination.js';

/** A CI whose requests have fresh links is examined anew after so many of them, */
const REQUESTS_BETWEEN = 200;
/** or after so long, in ms. */
const TIME_BETWEEN_MS = 300_000;

/** A CI that left at a probe may have been cut off: so many times in a row, and it is believed to leave because of it. */
const MOST_CUTS = 3;
/** A CI is believed to work on one line after the other when so many links in a row say so, each by its first request; */
const TRIALS = 3;
/** one that worked on several at once, when so many do. */
const TRIALS_AFTER_ALL = 16;
/** A request that took so many times as long as a probe, and so many ms more, and was answered before its own: that says so for sure, of one that was never seen to do otherwise. */
const SLOWER_TIMES = 3;
const SLOWER_MS = 2;

/** A proof that comes so long after its answer, in ms, was kept back: a peer's small second packet waits for our system to acknowledge the first (Nagle's algorithm and delayed acknowledgements, RFC 896 and RFC 1122). */
const KEPT_BACK_MS = 25;
/** After so many of them in a row, probes are sent when the answer has come, in a packet that acknowledges it; and the same the other way. */
const MOST_KEPT_BACK = 4;
/** One request in so many has its probe at once all the same: only that shows a CI that works on several lines at once. */
const REQUESTS_PER_SAMPLE = 64;

/** The first state of each kind of CI, and those that were asked for since: the machine says the same each time, and to ask it takes as long as several requests. */
const firstStates = {
  proved: initialTransition(orderingMachine, { ordering: 'proved' })[0],
  trusted: initialTransition(orderingMachine, { ordering: 'trusted' })[0],
} as const;
const nextStates = new Map<string, OrderingSnapshot>();

function nextState(state: OrderingSnapshot, type: OrderingEvent['type']): OrderingSnapshot {
  // All that a state is: its context is what the user says, of which `trusted` alone comes.
  const key = `${state.value} ${type}`;
  const next = nextStates.get(key) ?? transition(orderingMachine, state, { type })[0];
  nextStates.set(key, next);
  return next;
}

/**
 * What is known of one CI: how its answers are told apart, and which probes it answers. It outlives all connections. What is learnt changes
 * the state of the machine, which is the judge.
 */
export class OrderJudge implements Order, Examiner {
  readonly #now: () => number;
  #state: OrderingSnapshot;
  #kind: Ordering;
  /** The probes that it was seen to answer. */
  #probes: readonly ProbeType[] = [];
  #fenced = 0;
  #examination: Examination | undefined;
  /** Requests with fresh links since the last examination, and when that was. */
  #requests = 0;
  #sinceMs = 0;
  #pings: 'untried' | 'answered' | 'ignored' = 'untried';
  #record: 'clean' | 'violated' = 'clean';
  #probing: 'at once' | 'after the answer' = 'at once';
  /** Proofs in a row that speak for the other way of probing. */
  #forTheOther = 0;
  #cuts = 0;
  #trials = TRIALS;
  #past: 'in order' | 'concurrent' = 'in order';
  /** The longest time that it took to answer a probe when it was examined, in ms. */
  #probeMs = 0;

  constructor(ordering: 'proved' | 'trusted', now: () => number) {
    this.#now = now;
    this.#state = firstStates[ordering];
    this.#kind = this.#state.value as Ordering;
  }

  get kind(): Ordering {
    return this.#kind;
  }

  /** Whether a ping is of any use: not to a CI that is known to ignore it. */
  get answersPings(): boolean {
    return this.#pings !== 'ignored';
  }

  /** Whether nothing ever came from it that it was not asked for. */
  get isClean(): boolean {
    return this.#record === 'clean';
  }

  /** The probes that it was seen to answer: at least one, where its order is proved. */
  get probes(): readonly ProbeType[] {
    return this.#probes;
  }

  /** Whether the probe behind the next request is to be written with it. */
  probesAtOnce(): boolean {
    this.#fenced += 1;
    return this.#probing === 'at once' || this.#fenced % REQUESTS_PER_SAMPLE === 0;
  }

  /** An answer had its proof after so many ms; the probe had been written with its request. */
  provedAfter(ms: number): void {
    this.#cuts = 0;
    const isKeptBack = ms >= KEPT_BACK_MS;
    this.#forTheOther = isKeptBack === (this.#probing === 'at once') ? this.#forTheOther + 1 : 0;
    if (this.#forTheOther < MOST_KEPT_BACK) return;
    this.#forTheOther = 0;
    this.#probing = isKeptBack ? 'after the answer' : 'at once';
  }

  /** A request was given a fresh link. */
  usedFresh(): void {
    this.#requests += 1;
  }

  /** Whether a link with one proof is given no second request: its CI may work on several lines at once, and then only the first on a link can be told. */
  get isOnTrial(): boolean {
    return this.#trials > 0;
  }

  /** On a link of its own, a request was answered before its probe, after so many ms. */
  stoodTrial(tookMs: number): void {
    const isSure = this.#past === 'in order' && tookMs >= this.#probeMs * SLOWER_TIMES + SLOWER_MS;
    this.#trials = isSure ? 0 : this.#trials - 1;
  }

  /** A link broke between an answer and its proof. Returns whether that is believed to be the CI's way: once it may be chance. */
  wasCut(): boolean {
    this.#cuts += 1;
    return this.#cuts >= MOST_CUTS;
  }

  // Its examination.

  /** In an examination, a probe was answered after so many ms. */
  answeredAfter(ms: number): void {
    this.#probeMs = Math.max(this.#probeMs, ms);
  }

  /** Whether it is time to examine it again. */
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

  /** The examination is over: these probes were answered, each once and in its place; or the CI left (`left`), or was silent. */
  examined(answered: readonly ProbeType[], how: 'left' | 'silent' | 'done'): void {
    if (how === 'left' && !this.wasCut()) return;
    this.#cuts = 0;
    this.#probes = answered;
    this.#pings = answered.includes('ping') ? 'answered' : 'ignored';
    this.#begin();
    this.learn(answered.length > 0 ? 'probes.answered' : 'probes.unanswered');
  }

  /** Something came that was not asked for. Where the order was proved on that connection before, the CI is as it was known to be. */
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
