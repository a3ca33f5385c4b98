import type { Clock, Limits, Outgoing } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import type { Verdict } from '../protocol/awaiting.js';
import type { Correlator } from '../protocol/correlator.js';
import { type ProbeType, probeTypes } from '../protocol/fence.js';
import { Examination } from './examination.js';
import type { OrderJudge } from './order-judge.js';

/** What it needs of the session on whose link it keeps order. */
export interface Ordered {
  readonly clock: Clock;
  readonly limits: Limits;
  /** Requests handed to the link. */
  readonly carried: number;
  /** When the last bytes came, on the clock. */
  readonly lastByteMs: number;
  /** Whether the link may stay beside those that take requests, to finish something. */
  readonly mayLinger: boolean;
  send(outgoing: Outgoing): void;
  retire(): void;
  /** It takes no more requests, in good standing. */
  leave(reason: string): void;
  /** What kept it from closing may be over. */
  released(): void;
  /** A frame came out of order. */
  violated(line: string | undefined): void;
  /** Something was learnt of its CI. */
  learnt(): void;
}

/**
 * Keeps order on one link: sends the probes that prove whose an answer is, has its CI examined, and tells the judge of that CI what is seen.
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
  /** When the last question was sent, a request or a probe of an examination; on the clock. */
  #sentMs = 0;
  /** When the answer came that is held. */
  #heldMs: number | undefined;

  constructor(session: Ordered, judge: OrderJudge, correlator: Correlator) {
    this.#session = session;
    this.#judge = judge;
    this.#correlator = correlator;
  }

  /** Whether a late answer is known by its place. */
  get isProved(): boolean {
    return this.#judge.kind === 'proved' && !this.#correlator.isEchoing;
  }

  /** Whether the link carried its one request: where each has a fresh one, or it was given up to finding out. */
  get isSpent(): boolean {
    if (this.#session.carried === 0 || this.#correlator.isEchoing) return false;
    const { kind, isOnTrial } = this.#judge;
    if (this.#examination !== undefined || kind === 'fresh') return true;
    // Where answers have ids, or nothing is known yet, one without an id is the last: nothing would tell the next from one that comes twice.
    return this.#correlator.unnamed > 0 && (kind === 'unknown' || kind === 'byId' || (kind === 'proved' && isOnTrial));
  }

  /** Whether it is being found out on it which probes the CI answers. */
  get isExamined(): boolean {
    return this.#examination?.isOver === false;
  }

  /** A request is sent with this number: sends what is to stand behind it. */
  sent(number: number, type: string, asksStream: boolean, nowMs: number): void {
    this.#sentMs = nowMs;
    if (this.#correlator.isEchoing) return;
    if (this.#judge.kind === 'fresh') return this.#judge.usedFresh();
    if (!this.isProved) return;
    // Where several are outstanding, each has its probe right behind it. That of a stream shows whether it comes from a task of its own.
    const isAtOnce = asksStream || this.#judge.isOnTrial || this.#session.limits.pipelining > 1;
    if (this.#judge.probesAtOnce() || isAtOnce) {
      this.#session.send(this.#correlator.fence(this.#nextProbe(type), number));
    }
  }

  /** A request is over: the link may have done what it was opened for. */
  released(): void {
    if (this.#judge.kind === 'fresh' && this.isSpent && !this.#beginsExamination()) this.#session.leave('used_once');
    else if (this.#correlator.isOvertaken) this.#session.leave('overtaken');
    else if (this.isProved && this.#correlator.hasStreamed) this.#session.leave('streamed');
    // Where its proof has just come, its trial is judged first.
    else if (this.isSpent && this.#correlator.isEmpty && this.#heldMs === undefined) this.#session.leave('tried');
  }

  /** What a frame means. @throws ChoragusError `protocol_error` when the link cannot go on. */
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

  /** The CI has ended its side in good order. */
  ended(): void {
    // All that came is one answer, and there will be no more. A CI that ever said what it was not asked for is not believed.
    if (this.isExamined || !this.#correlator.isAlone || !this.#judge.isClean) return;
    this.learn('answer.unproved');
    this.#correlator.release();
  }

  /** The CI ended the link, or it broke. */
  lost(): void {
    if (this.isExamined && this.#correlator.isAlone && this.#judge.isClean) this.#correlator.release();
    this.#examination?.lost('left');
    if (this.#correlator.holding > 0 && this.#judge.wasCut()) this.learn('answer.unproved');
  }

  /** The link is gone. */
  end(): void {
    this.#examination?.end();
  }

  // What the examination asks.

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
    // Before its CI's links are offered to those who wait: this one carries no more.
    this.#session.leave('examined');
    if (answered !== undefined) {
      this.#judge.examined(answered, how);
      this.#session.learnt();
    }
    this.#session.released();
  }

  /** Each in turn, so that the answer to an older one, said once more, is no proof; and another than the request, if there is one. */
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
    // Its CI may have been found meanwhile to be of another kind.
    if (this.isSpent && this.#correlator.isEmpty) this.#session.leave('used_once');
  }

  /** The first request of the link was answered before its probe. */
  #standTrial(tookMs: number): void {
    this.#judge.stoodTrial(tookMs);
    if (this.#judge.isOnTrial) this.#session.leave('tried');
    else this.#session.learnt();
  }

  /** An answer waits behind which no probe was sent. */
  #prove(): void {
    // Also where its CI is to be looked at again: on this link its order was proved.
    if (this.isProved || this.#proofs > 0) return this.probe(this.#nextProbe(''));
    this.learn('answer.unnamed');
    this.#examine();
    // It takes no more requests, and must not stand in the way of those that come.
    this.#session.leave('examined');
  }

  /** Where each request has a fresh link, its CI is examined now and then behind one of them. */
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

  /** Thrown into the channel's data handler, which ends the link with it. */
  #refuse(line: string | undefined): never {
    if (!this.#correlator.isEchoing) {
      this.#judge.violated(this.#proofs > 0);
      this.#session.violated(line);
    }
    throw new ChoragusError('protocol_error', 'an answer came that nobody had asked for, or that could be for several');
  }
}
