import type { Clock } from '../contract/index.js';
import { type ProbeType, probeTypes } from '../protocol/fence.js';

/** For so long, in ms, the first answer waits for what a probe behind it brings. */
const HOLD_MS = 100;
/** The longest wait for the answer to the first probe, in ms, or twice as long as the CI took for its answer; those after it are given the patience of a heartbeat. */
const FIRST_PATIENCE_MS = 500;

/** What an examination needs of the link on which it is made. */
export interface Examined {
  readonly clock: Clock;
  /** Longest wait for the answer to a probe, in ms. */
  readonly patienceMs: number;
  /** How long the CI took for the answer behind which it is made, in ms. */
  readonly answeredInMs: number;
  /** Writes a probe behind all that was sent. */
  probe(type: ProbeType): void;
  /** The answer behind which it is made has waited long enough. */
  letGo(): void;
  /** It is over: these probes were answered, each once and in its place; `undefined` where another one finds out. */
  examined(answered: readonly ProbeType[] | undefined, how: 'left' | 'silent' | 'done'): void;
}

/** Who sees to it that one examination of a CI is made at a time. */
export interface Examiner {
  /** Whether this one is to find out; else it only makes sure of the answer behind which it is made. */
  takesUp(examination: Examination): boolean;
  drops(examination: Examination): void;
}

/**
 * Finds out which probes a CI answers: one after the other, behind its first answer. The link takes no more requests: what is ignored may
 * be answered later, and then would be taken for something else.
 */
export class Examination {
  readonly #link: Examined;
  readonly #examiner: Examiner;
  readonly #answered: ProbeType[] = [];
  #asked = 0;
  #patience: unknown;
  #hold: unknown;
  #isDismissed = false;
  #phase: 'begun' | 'refused' | 'over' = 'begun';

  constructor(link: Examined, examiner: Examiner) {
    this.#link = link;
    this.#examiner = examiner;
  }

  get isOver(): boolean {
    return this.#phase === 'over';
  }

  begin(): void {
    const { clock } = this.#link;
    this.#hold = clock.setTimeout(() => clock.afterIo(() => this.#letGo()), HOLD_MS, 'background');
    this.#examiner.takesUp(this);
    this.#next();
  }

  /** The probe was answered, and nothing came before that. */
  answered(): void {
    if (this.isOver) return;
    this.#answered.push(probeTypes[this.#asked - 1] as ProbeType);
    this.#next();
  }

  /** Something else came in its place. */
  refused(): void {
    if (this.isOver) return;
    // Behind the first answer, it may also be a second one: what comes behind the next probe says so.
    if (this.#phase === 'refused') return this.#conclude('done');
    if (this.#asked === 1) this.#phase = 'refused';
    this.#next();
  }

  /** The CI ended the link, or does not answer. */
  lost(how: 'left' | 'silent'): void {
    if (!this.isOver) this.#conclude(how);
  }

  /** What it could find out is known to be less than that: it only makes sure of its answer. */
  dismiss(): void {
    this.#isDismissed = true;
  }

  /** Nothing is to be learnt any more. */
  end(): void {
    this.#phase = 'over';
    this.#examiner.drops(this);
    this.#link.clock.clearTimeout(this.#hold);
    this.#link.clock.clearTimeout(this.#patience);
  }

  get #isOwn(): boolean {
    return !this.#isDismissed && this.#examiner.takesUp(this);
  }

  #letGo(): void {
    if (this.isOver) return;
    if (this.#phase === 'refused' || !this.#isOwn) this.#conclude('done');
    else this.#link.letGo();
  }

  #next(): void {
    const { clock, patienceMs, answeredInMs } = this.#link;
    clock.clearTimeout(this.#patience);
    const type = probeTypes[this.#asked];
    const mayGoOn = this.#asked === 0 || this.#phase === 'refused' || this.#isOwn;
    if (type === undefined || !mayGoOn) return this.#conclude('done');
    const firstMs = Math.min(Math.max(FIRST_PATIENCE_MS, 2 * answeredInMs), patienceMs);
    const waitMs = this.#asked === 0 ? firstMs : patienceMs;
    this.#asked += 1;
    this.#patience = clock.setTimeout(() => clock.afterIo(() => this.lost('silent')), waitMs, 'background');
    this.#link.probe(type);
  }

  #conclude(how: 'left' | 'silent' | 'done'): void {
    const isOwn = this.#isOwn;
    this.end();
    // Where the CI left, whether its answer is believed was decided before.
    if (how !== 'left') this.#link.letGo();
    this.#link.examined(isOwn ? this.#answered : undefined, how);
  }
}
