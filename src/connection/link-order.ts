import type { Clock, Limits, Outgoing } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import type { Verdict } from '../protocol/awaiting.js';
import type { Correlator } from '../protocol/correlator.js';
import { type ProbeType, probeTypes } from '../protocol/fence.js';
import { Examination } from './examination.js';
import type { OrderJudge } from './order-judge.js';

/** What it needs of the link's session. */
export interface Ordered {
  readonly clock: Clock;
  readonly limits: Limits;
  /** Number of requests sent on the link. */
  readonly carried: number;
  /** When the last bytes arrived, on the clock. */
  readonly lastByteMs: number;
  /** Whether the link may retire beside the serving ones. */
  readonly mayLinger: boolean;
  send(outgoing: Outgoing): void;
  retire(): void;
  /** Retires the link after it did what it was opened for. */
  leave(reason: string): void;
  /** Reports that the link may be able to close. */
  released(): void;
  /** Reports a frame that came out of order. */
  violated(line: string | undefined): void;
  /** Reports new knowledge about the CI. */
  learnt(): void;
}

/**
 * Keeps the order on one link: sends the probes that prove which answer belongs to which request, examines the CI, and
 * reports what it sees to the CI's judge.
 *
 * @see `docs/wire-protocol.md`, "The fence".
 */
export class LinkOrder {
  readonly #session: Ordered;
  readonly #judge: OrderJudge;
  readonly #correlator: Correlator;
  #examination: Examination | undefined;
  #proofs = 0;
  #turn = 0;
  /** When the last request or the last probe of an examination was sent, on the clock. */
  #sentMs = 0;
  /** When the held answer arrived. */
  #heldMs: number | undefined;

  constructor(session: Ordered, judge: OrderJudge, correlator: Correlator) {
    this.#session = session;
    this.#judge = judge;
    this.#correlator = correlator;
  }

  /** Returns whether late answers are matched by a proved order. */
  get isProved(): boolean {
    return this.#judge.kind === 'proved' && !this.#correlator.isEchoing;
  }

  /**
   * Returns whether the link may carry no further request: each request has a fresh link, or the link was used for an
   * examination.
   */
  get isSpent(): boolean {
    if (this.#session.carried === 0 || this.#correlator.isEchoing) return false;
    const { kind, isOnTrial } = this.#judge;
    if (this.#examination !== undefined || kind === 'fresh') return true;
    // While the ordering is not known for sure, an answer without an id is the link's last: the next answer could be
    // the same one, repeated.
    return this.#correlator.unnamed > 0 && (kind === 'unknown' || kind === 'byId' || (kind === 'proved' && isOnTrial));
  }

  /** Returns whether an examination runs on this link. */
  get isExamined(): boolean {
    return this.#examination?.isOver === false;
  }

  /** Notes that a request was sent under this number. Sends the probe behind it. */
  sent(number: number, type: string, asksStream: boolean, nowMs: number): void {
    this.#sentMs = nowMs;
    if (this.#correlator.isEchoing) return;
    if (this.#judge.kind === 'fresh') return this.#judge.usedFresh();
    if (!this.isProved) return;
    // With several requests in flight, each needs its probe right behind it. A stream's probe shows whether the peer
    // streams from its own task.
    const isAtOnce = asksStream || this.#judge.isOnTrial || this.#session.limits.pipelining > 1;
    if (this.#judge.probesAtOnce() || isAtOnce) {
      this.#session.send(this.#correlator.fence(this.#nextProbe(type), number));
    }
  }

  /** Notes that a request ended: the link may have done what it was opened for. */
  released(): void {
    if (this.#judge.kind === 'fresh' && this.isSpent && !this.#beginsExamination()) this.#session.leave('used_once');
    else if (this.#correlator.isOvertaken) this.#session.leave('overtaken');
    else if (this.isProved && this.#correlator.hasStreamed) this.#session.leave('streamed');
    // If the proof has just come, the trial is judged first.
    else if (this.isSpent && this.#correlator.isEmpty && this.#heldMs === undefined) this.#session.leave('tried');
  }

  /** Handles the verdict on a frame. @throws ChoragusError `protocol_error` if the link cannot go on. */
  heed(verdict: Verdict, line: string | undefined): void {
    if (verdict === 'proved') this.#proved();
    else if (verdict === 'fenced') this.#heldMs = this.#session.lastByteMs;
    else if (verdict === 'refused') this.#examination?.refused();
    else if (verdict === 'held') this.#prove();
    else if (verdict === 'retire') this.#session.retire();
    else if (verdict === 'overtaken') this.#session.leave('overtaken');
    else if (verdict === 'concurrent') this.learn('order.concurrent');
    else this.#refuse(line);
  }

  learn(type: Parameters<OrderJudge['learn']>[0]): void {
    this.#judge.learn(type);
    this.#session.learnt();
  }

  /** Notes that the CI ended its side in good order. */
  ended(): void {
    // One answer came, and no more can follow, so it needs no further proof. A CI that ever sent an unexpected frame is
    // not trusted in this.
    if (this.isExamined || !this.#correlator.isAlone || !this.#judge.isClean) return;
    this.learn('answer.unproved');
    this.#correlator.release();
  }

  /** Notes that the CI closed the link, or it broke. */
  lost(): void {
    if (this.isExamined && this.#correlator.isAlone && this.#judge.isClean) this.#correlator.release();
    this.#examination?.lost('left');
    if (this.#correlator.holding > 0 && this.#judge.wasCut()) this.learn('answer.unproved');
  }

  /** Ends the order of a closed link. */
  end(): void {
    this.#examination?.end();
  }

  // Called by the examination.

  get clock(): Clock {
    return this.#session.clock;
  }

  get answeredInMs(): number {
    return this.#session.lastByteMs - this.#sentMs;
  }

  get patienceMs(): number {
    return this.#session.limits.heartbeatTimeoutMs;
  }

  probe(type: ProbeType): void {
    if (this.isExamined) this.#sentMs = this.clock.now();
    this.#session.send(this.#correlator.fence(type, this.#correlator.holding));
  }

  letGo(): void {
    this.#correlator.release();
  }

  examined(answered: readonly ProbeType[] | undefined, how: 'left' | 'silent' | 'done'): void {
    // Before the CI's links are offered to waiting requests: this one takes no more.
    this.#session.leave('examined');
    if (answered !== undefined) {
      this.#judge.examined(answered, how);
      this.#session.learnt();
    }
    this.#session.released();
  }

  /**
   * Returns the next probe type in turn, different from the request's if possible: a repeated reply to an older probe
   * is then no proof.
   */
  #nextProbe(requestType: string): ProbeType {
    const probes = this.#judge.probes.length === 0 ? probeTypes : this.#judge.probes;
    this.#turn = (this.#turn + 1) % probes.length;
    if (probes[this.#turn] === requestType) this.#turn = (this.#turn + 1) % probes.length;
    return probes[this.#turn] as ProbeType;
  }

  #proved(): void {
    this.#proofs += 1;
    const { lastByteMs } = this.#session;
    const heldMs = this.#heldMs;
    this.#heldMs = undefined;
    if (this.isExamined) {
      this.#judge.answeredAfter(lastByteMs - this.#sentMs);
      return this.#examination?.answered();
    }
    if (heldMs !== undefined) {
      this.#judge.provedAfter(lastByteMs - heldMs);
      if (this.isProved && this.#judge.isOnTrial) return this.#standTrial(heldMs - this.#sentMs);
    }
    // The ordering of the CI may have changed meanwhile.
    if (this.isSpent && this.#correlator.isEmpty) this.#session.leave('used_once');
  }

  /** Judges the trial: the link's first request was answered before its probe. */
  #standTrial(tookMs: number): void {
    this.#judge.stoodTrial(tookMs);
    if (this.#judge.isOnTrial) this.#session.leave('tried');
    else this.#session.learnt();
  }

  /** Sends a probe behind an answer that has none. */
  #prove(): void {
    // On this link the order was proved, so it is probed even if the CI is to be examined again.
    if (this.isProved || this.#proofs > 0) return this.probe(this.#nextProbe(''));
    this.learn('answer.unnamed');
    this.#examine();
    // It takes no more requests, and must not block new ones.
    this.#session.leave('examined');
  }

  /** Begins an examination now and then, if each request has a fresh link. */
  #beginsExamination(): boolean {
    if (this.isExamined) return true;
    if (this.#correlator.unnamed === 0 || !this.#correlator.isEmpty) return false;
    if (!this.#session.mayLinger || !this.#judge.mayExamine) return false;
    this.#examine();
    this.#session.leave('examined');
    return true;
  }

  #examine(): void {
    this.#examination = new Examination(this, this.#judge);
    this.#examination.begin();
  }

  /** Ends the link by an exception in the channel's data handler. */
  #refuse(line: string | undefined): never {
    if (!this.#correlator.isEchoing) {
      this.#judge.violated(this.#proofs > 0);
      this.#session.violated(line);
    }
    throw new ChoragusError(
      'protocol_error',
      'an answer came that no request expects, or that could belong to several requests',
    );
  }
}
