import type { Clock } from '../contract/index.js';
import { type ProbeType, probeTypes } from '../protocol/fence.js';

/** How long the first answer is held for the reply to the probe behind it, in ms. */
const HOLD_MS = 100;
/**
 * The longest wait for the reply to the first probe: this many ms, or twice the time of the CI's answer. Later probes
 * have the heartbeat's timeout.
 */
const FIRST_PATIENCE_MS = 500;

/** What an examination needs of its link. */
export interface Examined {
  readonly clock: Clock;
  /** Longest wait for the reply to a probe, in ms. */
  readonly patienceMs: number;
  /** How long the CI took for the answer before the examination, in ms. */
  readonly answeredInMs: number;
  /** Writes a probe behind everything that was sent. */
  probe(type: ProbeType): void;
  /** Releases the held answer: it has waited long enough. */
  letGo(): void;
  /** Reports the probes that were answered, each once and in order; undefined if another examination finds that out. */
  examined(answered: readonly ProbeType[] | undefined, how: 'left' | 'silent' | 'done'): void;
}

/** Allows one examination of a CI at a time. */
export interface Examiner {
  /** Returns whether this examination decides about the CI. If not, it only confirms its own answer. */
  takesUp(examination: Examination): boolean;
  drops(examination: Examination): void;
}

/**
 * Finds out which probes a CI answers: sends them one after the other, behind its first answer. The link takes no more
 * requests, because the late reply to an ignored probe could be mistaken for another answer.
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

  /** Notes that the probe was answered, with no frame before its reply. */
  answered(): void {
    if (this.isOver) return;
    this.#answered.push(probeTypes[this.#asked - 1] as ProbeType);
    this.#next();
  }

  /** Notes that another frame came in place of the probe's reply. */
  refused(): void {
    if (this.isOver) return;
    // It may be a second answer to the request: the frame after the next probe tells.
    if (this.#phase === 'refused') return this.#conclude('done');
    if (this.#asked === 1) this.#phase = 'refused';
    this.#next();
  }

  /** Notes that the CI closed the link, or does not answer. */
  lost(how: 'left' | 'silent'): void {
    if (!this.isOver) this.#conclude(how);
  }

  /** Makes it confirm only its own answer: a probe overtook a request, so its findings about the CI would be outdated. */
  dismiss(): void {
    this.#isDismissed = true;
  }

  /** Ends it without a result. */
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
    // If the CI disconnected, the held answer was already handled.
    if (how !== 'left') this.#link.letGo();
    this.#link.examined(isOwn ? this.#answered : undefined, how);
  }
}
