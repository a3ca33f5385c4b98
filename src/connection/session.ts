import type { Channel, ChannelSink, Clock, Frame, Limits, Outgoing } from '../contract/index.js';
import type { ChoragusError, Code } from '../errors/index.js';
import { Correlator } from '../protocol/correlator.js';
import type { PendingRequest } from '../request/pending-request.js';
import type { RequestSession } from '../request/request-ports.js';
import { once } from '../schedule/once.js';
import type { ConnectionCi, ConnectionOwner, Departure, LinkNote } from './connection-owner.js';
import { LinkOrder } from './link-order.js';
import { OwedAnswers } from './owed-answers.js';
import { Ping } from './ping.js';

/** After this many dropped frames the peer is talking to nobody: the connection is replaced. */
const MAX_STRAY_FRAMES = 10_000;

/** What a session needs of the connection whose link it is. */
export interface SessionOwner {
  /** The connection's name. */
  readonly name: string;
  readonly ci: Omit<ConnectionCi<never>, keyof ConnectionOwner<never>>;
  readonly clock: Clock;
  /** It may have a free slot. */
  slotFreed(): void;
  /** A request is over. */
  released(): void;
  /** The link should take no more requests. */
  unfit(departure: Departure): void;
  noted(note: LinkNote): void;
  requestSucceeded(): void;
  requestFailed(): void;
  /** The wire itself says that the peer is not ready. */
  suspect(): void;
}

/**
 * One link's life as requests see it, from dial to loss: how many more it can take, who is answered, what is owed. A
 * new link is a new session, so nothing of an old one can be mistaken for the new one's.
 */
export class Session implements ChannelSink, RequestSession {
  readonly #owner: SessionOwner;
  readonly #limits: Limits;
  readonly #correlator: Correlator;
  readonly dialledMs: number;
  #channel: Channel | undefined;
  #wasUp = false;
  #upMs = 0;
  #lastByteMs = 0;
  #carried = 0;
  #answered = 0;
  #strayFrames = 0;
  #ping: Ping | undefined;
  readonly #owed: OwedAnswers;
  readonly #order: LinkOrder;
  /** A request that shares the link with no other. */
  #loner: PendingRequest | undefined;
  /** `waiting`: nothing is outstanding, and the CI may be about to end the link. */
  #reuse: 'free' | 'waiting' = 'free';

  /** `idPrefix` makes this session's request ids differ from every other's. */
  constructor(owner: SessionOwner, idPrefix: string) {
    this.#owner = owner;
    this.#limits = owner.ci.limits;
    this.#correlator = new Correlator(idPrefix, owner.ci.metrics, owner.ci.ordering);
    this.#order = new LinkOrder(this, owner.ci.ordering, this.#correlator);
    this.#owed = new OwedAnswers(this, this.#correlator);
    this.dialledMs = owner.clock.now();
  }

  /** The name of the connection whose link it is. */
  get connection(): string {
    return this.#owner.name;
  }

  get isUp(): boolean {
    return this.#channel !== undefined;
  }

  /** When the link came up, on the clock. */
  get upMs(): number {
    return this.#upMs;
  }

  /** Whether the link ever came up. */
  get wasUp(): boolean {
    return this.#wasUp;
  }

  /** How long the link has been up, in ms; 0 before it is. */
  get uptimeMs(): number {
    return this.#wasUp ? this.#owner.clock.now() - this.#upMs : 0;
  }

  /** When the last bytes came, on the clock. */
  get lastByteMs(): number {
    return this.#lastByteMs;
  }

  /** Requests handed to this link. */
  get carried(): number {
    return this.#carried;
  }

  get hasAnswered(): boolean {
    return this.#answered > 0;
  }

  /** Whether late answers are known by their places. */
  get isProved(): boolean {
    return this.#order.isProved;
  }

  get isEchoing(): boolean {
    return this.#correlator.isEchoing;
  }

  /** Requests that are outstanding; a ping does not count. */
  get inFlight(): number {
    return this.#correlator.live - (this.#ping === undefined ? 0 : 1);
  }

  /** Requests given up whose replies are owed. */
  get abandoned(): number {
    return this.#correlator.abandoned;
  }

  /** The text of the frame that is being handed on; none on a wire without lines. */
  get line(): string | undefined {
    return this.#correlator.line;
  }

  /** Why that text is no JSON, where it is none. */
  get fault(): ChoragusError | undefined {
    return this.#correlator.fault;
  }

  /** Whether it can take one more request now. */
  get hasSlot(): boolean {
    return (
      this.#channel?.isWritable === true &&
      this.#loner === undefined &&
      this.#reuse === 'free' &&
      !this.#order.isSpent &&
      this.#correlator.canTake(this.#limits.pipelining, this.#limits.maxInFlight)
    );
  }

  /** Whether it is watched for a moment whether the CI ends it. */
  get isSettling(): boolean {
    return this.#reuse === 'waiting' && this.#channel !== undefined;
  }

  /** Whether the link carried its one request, where each has a fresh one. */
  get isSpent(): boolean {
    return this.#order.isSpent;
  }

  /** Whether it is being found out on it which probes the CI answers. */
  get isExamined(): boolean {
    return this.#order.isExamined;
  }

  /** Whether the heartbeat must not ask now: the answer would wait behind others, or the CI gives none. */
  get isBusy(): boolean {
    if (this.inFlight > 0) return true;
    if (this.isEchoing || this.#channel?.ping !== undefined) return false;
    // On a FIFO wire a pong would come behind the answers that are still owed.
    return this.abandoned > 0 || this.#correlator.isFenced || !this.#owner.ci.ordering.answersPings;
  }

  /** Whether no answer is outstanding or owed, so that the next request has the link to itself. */
  get isEmpty(): boolean {
    return this.#correlator.isEmpty;
  }

  /** Whether what keeps its place from being free is a request that was given up. */
  get isBlocked(): boolean {
    if (this.#channel === undefined || this.isEchoing) return false;
    return this.#correlator.abandoned > 0 || (this.#ping !== undefined && !this.isProved);
  }

  /** The link is up. */
  open(channel: Channel): void {
    this.#wasUp = true;
    this.#upMs = this.#owner.clock.now();
    this.#lastByteMs = this.#upMs;
    this.#channel = channel;
  }

  /** Takes no more: the link is going. What is outstanding stays so until `end`. */
  shut(): void {
    this.#channel = undefined;
  }

  /** Call it before the link closes: where answers are outstanding, it tells the peer that nobody waits for them. */
  cut(): void {
    if (!this.#correlator.isEmpty) this.#channel?.cut?.();
  }

  /** The CI ended the link, or it broke. Call it before `end`. */
  lost(): void {
    this.#order.lost();
    if (this.hasAnswered) this.#owner.ci.reuse.left(this.clock.now() - this.#lastByteMs);
  }

  /** The link is gone: whatever is outstanding fails. */
  end(causeOf: () => ChoragusError): void {
    this.shut();
    this.#owed.end();
    this.#order.end();
    const cause = once(causeOf);
    for (const request of this.#correlator.drain()) request.failed(cause());
  }

  /** Takes a request: it is written at the end of the tick. */
  take(request: PendingRequest, nowMs: number): void {
    if (request.isAlone) this.#loner = request;
    const number = this.#correlator.add(request);
    request.placed(this, number, nowMs);
    this.#carried += 1;
    (this.#channel as Channel).send(request);
    this.#order.sent(number, request.type, request.asksStream, nowMs);
  }

  idOf(number: number): string {
    return this.#correlator.idOf(number);
  }

  /** A request is over. One that may have been written and was not answered stays abandoned, unless the wire ends its answer. */
  release(request: PendingRequest, number: number, stage: 'placed' | 'sent', nowMs: number): void {
    if (stage === 'placed' || this.#channel?.giveUp?.(request) === 'over') this.#correlator.withdraw(number);
    else this.#correlator.abandon(number, nowMs);
    if (this.#correlator.abandoned > 0) this.#owed.watch(nowMs);
    if (this.#loner === request) this.#loner = undefined;
    this.#order.released();
    if (this.#correlator.isEmpty && this.#owner.ci.reuse.isCareful) this.#awaitEnd();
    this.#owner.released();
  }

  succeeded(): void {
    this.#answered += 1;
    this.#owner.ci.reuse.answered(this.#answered);
    this.#owner.requestSucceeded();
  }

  /** A request timed out here, or was answered with an error. */
  failed(code: Code): void {
    // What fails with its link says nothing more of it.
    if (this.#channel === undefined) return;
    if (code === 'ci_error') this.#answered += 1;
    this.#owner.requestFailed();
  }

  /** Asks for a sign of life: by the wire's own heartbeat, or by a ping, unless one is outstanding already. */
  ping(): void {
    const channel = this.#channel;
    if (channel?.ping !== undefined) return channel.ping();
    if (this.#ping !== undefined || channel === undefined) return;
    const ping = new Ping(() => {
      this.#ping = undefined;
      if (this.#channel !== undefined) this.#answered += 1;
    });
    this.#ping = ping;
    ping.place(this.idOf(this.#correlator.add(ping)));
    channel.send(ping);
  }

  // What the channel tells.

  alive(): void {
    this.#lastByteMs = this.#owner.clock.now();
  }

  frame(frame: Frame, line?: string, fault?: ChoragusError): void {
    const { ci } = this.#owner;
    const strays = ci.metrics.strayFrames;
    const wasEchoing = this.isEchoing;
    const verdict = this.#correlator.receive(frame, line, fault);
    if (ci.metrics.strayFrames !== strays) this.#noteStray();
    if (wasEchoing !== this.isEchoing) this.#order.learn('answer.named');
    if (verdict !== 'fine') this.#order.heed(verdict, line);
    // A late reply that came at last, or a stream that has begun, frees a place on a FIFO wire.
    if (ci.waiting > 0 && this.hasSlot) this.#owner.slotFreed();
  }

  ended(): void {
    this.#order.ended();
  }

  drained(): void {
    this.#owner.slotFreed();
  }

  suspect(): void {
    this.#owner.suspect();
  }

  requestFailed(id: unknown, error: ChoragusError): void {
    this.#correlator.fail(id, error);
  }

  socketOpened(connectMs: number): void {
    this.#owner.ci.metrics.connects += 1;
    this.#owner.ci.metrics.durations.connect.record(connectMs);
  }

  socketClosed(): void {
    this.#owner.ci.metrics.idleCloses += 1;
  }

  /** Where nothing proves that the CI has read on after its answer, it may have ended the link behind it. */
  #awaitEnd(): void {
    const channel = this.#channel;
    if (channel?.settled === undefined || !(this.isEchoing || this.#owner.ci.ordering.kind === 'trusted')) return;
    this.#reuse = 'waiting';
    channel.settled(() => {
      this.#reuse = 'free';
      if (this.#channel === channel) this.#owner.slotFreed();
    });
  }

  #noteStray(): void {
    this.#owner.noted({ type: 'stray frame' });
    this.#strayFrames += 1;
    if (this.#strayFrames > MAX_STRAY_FRAMES) this.retire();
  }

  // What those ask that keep order on it.

  get clock(): Clock {
    return this.#owner.clock;
  }

  get limits(): Limits {
    return this.#limits;
  }

  get mayLinger(): boolean {
    return this.#owner.ci.mayRetire;
  }

  send(outgoing: Outgoing): void {
    this.#channel?.send(outgoing);
  }

  retire(how: 'must' | 'may' = 'must'): void {
    this.#owner.unfit({ reason: 'retired', how });
  }

  leave(reason: string): void {
    this.#owner.unfit({ reason, how: 'done' });
  }

  released(): void {
    this.#owner.released();
  }

  violated(line: string | undefined): void {
    this.#owner.noted({ type: 'out of order', line });
  }

  learnt(): void {
    this.#owner.noted({ type: 'order learnt' });
  }
}
