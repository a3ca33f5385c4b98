import type { Channel, ChannelSink, Clock, Frame, Limits, Outgoing } from '../contract/index.js';
import type { ChoragusError, Code } from '../errors/index.js';
import { Correlator } from '../protocol/correlator.js';
import type { PendingRequest } from '../request/pending-request.js';
import type { RequestSession } from '../request/request-ports.js';
import { once } from '../schedule/once.js';
import { AbandonedRequests } from './abandoned-requests.js';
import type { ConnectionCi, ConnectionOwner, Departure, LinkNote } from './connection-owner.js';
import { LinkOrder } from './link-order.js';
import { Ping } from './ping.js';

/** After this many dropped frames, the connection is replaced. */
const MAX_STRAY_FRAMES = 10_000;

/** What a session needs of its connection. */
export interface SessionOwner {
  /** The connection's name. */
  readonly name: string;
  readonly ci: Omit<ConnectionCi<never>, keyof ConnectionOwner<never>>;
  readonly clock: Clock;
  /** Reports that the session may have a free slot. */
  slotFreed(): void;
  /** Reports that a request has ended. */
  released(): void;
  /** Reports that the link should take no more requests. */
  unfit(departure: Departure): void;
  noted(note: LinkNote): void;
  requestSucceeded(): void;
  requestFailed(): void;
  /** Reports that the peer asked for less load. */
  suspect(): void;
}

/**
 * One link's life from the point of view of its requests, from dial to loss: its free slots, the matching of replies,
 * and the abandoned requests. A new link is a new session, so nothing of an old link can reach the new one.
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
  readonly #abandonedRequests: AbandonedRequests;
  readonly #order: LinkOrder;
  /** The request that must not share the link; undefined if there is none. */
  #loner: PendingRequest | undefined;
  /** `waiting`: nothing is in flight, and the CI may be about to close the link. */
  #reuse: 'free' | 'waiting' = 'free';

  /** @param idPrefix - Makes this session's request ids differ from all others. */
  constructor(owner: SessionOwner, idPrefix: string) {
    this.#owner = owner;
    this.#limits = owner.ci.limits;
    this.#correlator = new Correlator(idPrefix, owner.ci.metrics, owner.ci.ordering);
    this.#order = new LinkOrder(this, owner.ci.ordering, this.#correlator);
    this.#abandonedRequests = new AbandonedRequests(this, this.#correlator);
    this.dialledMs = owner.clock.now();
  }

  /** Returns the connection's name. */
  get connection(): string {
    return this.#owner.name;
  }

  get isUp(): boolean {
    return this.#channel !== undefined;
  }

  /** Returns when the link came up, on the clock. */
  get upMs(): number {
    return this.#upMs;
  }

  /** Returns whether the link was ever up. */
  get wasUp(): boolean {
    return this.#wasUp;
  }

  /** Returns how long the link has been up, in ms; 0 before that. */
  get uptimeMs(): number {
    return this.#wasUp ? this.#owner.clock.now() - this.#upMs : 0;
  }

  /** Returns when the last bytes arrived, on the clock. */
  get lastByteMs(): number {
    return this.#lastByteMs;
  }

  /** Returns the number of requests sent on this link. */
  get carried(): number {
    return this.#carried;
  }

  get hasAnswered(): boolean {
    return this.#answered > 0;
  }

  /** Returns whether late answers are matched by a proved order. */
  get isProved(): boolean {
    return this.#order.isProved;
  }

  get isEchoing(): boolean {
    return this.#correlator.isEchoing;
  }

  /** Returns the number of requests in flight, without pings. */
  get inFlight(): number {
    return this.#correlator.live - (this.#ping === undefined ? 0 : 1);
  }

  /** Returns the number of abandoned requests whose replies are still expected. */
  get abandoned(): number {
    return this.#correlator.abandoned;
  }

  /** Returns the line of the frame that is being delivered; undefined on a wire without lines. */
  get line(): string | undefined {
    return this.#correlator.line;
  }

  /** Returns why that line is not valid JSON; undefined if it is. */
  get fault(): ChoragusError | undefined {
    return this.#correlator.fault;
  }

  /** Returns whether it can take one more request now. */
  get hasSlot(): boolean {
    return (
      this.#channel?.isWritable === true &&
      this.#loner === undefined &&
      this.#reuse === 'free' &&
      !this.#order.isSpent &&
      this.#correlator.canTake(this.#limits.pipelining, this.#limits.maxInFlight)
    );
  }

  /** Returns whether it waits for a moment, to see whether the CI closes it. */
  get isSettling(): boolean {
    return this.#reuse === 'waiting' && this.#channel !== undefined;
  }

  /** Returns whether the link may carry no further request. */
  get isSpent(): boolean {
    return this.#order.isSpent;
  }

  /** Returns whether the CI is being examined on it. */
  get isExamined(): boolean {
    return this.#order.isExamined;
  }

  /** Returns whether the heartbeat must not ping now: the pong would wait behind answers, or the CI sends none. */
  get isBusy(): boolean {
    if (this.inFlight > 0) return true;
    if (this.isEchoing || this.#channel?.ping !== undefined) return false;
    // Without ids, a pong comes behind the answers that are still expected.
    return this.abandoned > 0 || this.#correlator.isFenced || !this.#owner.ci.ordering.answersPings;
  }

  /** Returns whether no answer is expected, so that the next request has the link to itself. */
  get isEmpty(): boolean {
    return this.#correlator.isEmpty;
  }

  /** Returns whether an abandoned request keeps its slot from being free. */
  get isBlocked(): boolean {
    if (this.#channel === undefined || this.isEchoing) return false;
    return this.#correlator.abandoned > 0 || (this.#ping !== undefined && !this.isProved);
  }

  /** Opens the session: the link is up. */
  open(channel: Channel): void {
    this.#wasUp = true;
    this.#upMs = this.#owner.clock.now();
    this.#lastByteMs = this.#upMs;
    this.#channel = channel;
  }

  /** Takes no more requests: the link is closing. Requests in flight stay until `end`. */
  shut(): void {
    this.#channel = undefined;
  }

  /** Tells the peer, before the link closes with requests in flight, that nobody waits for the answers. */
  cut(): void {
    if (!this.#correlator.isEmpty) this.#channel?.cut?.();
  }

  /** Notes that the CI closed the link, or it broke. Call it before `end`. */
  lost(): void {
    this.#order.lost();
    if (this.hasAnswered) this.#owner.ci.reuse.left(this.clock.now() - this.#lastByteMs);
  }

  /** Ends the session: all requests in flight fail. */
  end(causeOf: () => ChoragusError): void {
    this.shut();
    this.#abandonedRequests.end();
    this.#order.end();
    const cause = once(causeOf);
    for (const request of this.#correlator.drain()) request.failed(cause());
  }

  /** Takes a request. It is written at the end of the tick. */
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

  /**
   * Releases a request that has ended. If it may have been written and was not answered, it becomes abandoned, unless
   * the wire can end its answer.
   */
  release(request: PendingRequest, number: number, stage: 'placed' | 'sent', nowMs: number): void {
    if (stage === 'placed' || this.#channel?.giveUp?.(request) === 'over') this.#correlator.withdraw(number);
    else this.#correlator.abandon(number, nowMs);
    if (this.#correlator.abandoned > 0) this.#abandonedRequests.watch(nowMs);
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

  /** Notes a request that timed out, or was answered with an error. */
  failed(code: Code): void {
    // A request that fails with its link says nothing more about it.
    if (this.#channel === undefined) return;
    if (code === 'ci_error') this.#answered += 1;
    this.#owner.requestFailed();
  }

  /** Asks for a sign of life: with the wire's own heartbeat, or with a ping, unless one is in flight. */
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

  // Called by the channel.

  alive(): void {
    this.#lastByteMs = this.#owner.clock.now();
  }

  frame(frame: Frame, line?: string, fault?: ChoragusError): void {
    const { ci } = this.#owner;
    const strays = ci.metrics.strayFrames;
    const { lateReplies } = ci.metrics;
    const wasEchoing = this.isEchoing;
    const verdict = this.#correlator.receive(frame, line, fault);
    if (ci.metrics.strayFrames !== strays) this.#noteStray(ci.metrics.lateReplies !== lateReplies);
    if (wasEchoing !== this.isEchoing) this.#order.learn('answer.named');
    if (verdict !== 'fine') this.#order.heed(verdict, line);
    // On a wire without ids, a late reply or the begin of a stream frees a slot.
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
    this.#owner.ci.metrics.countConnect(connectMs);
  }

  socketClosed(): void {
    this.#owner.ci.metrics.idleCloses += 1;
  }

  /**
   * Waits for a moment after an answer, because the CI may have closed the link behind it. With a probe behind each
   * request this is not needed: its reply proves that the CI still reads.
   */
  #awaitEnd(): void {
    const channel = this.#channel;
    if (channel?.settled === undefined || !(this.isEchoing || this.#owner.ci.ordering.kind === 'trusted')) return;
    this.#reuse = 'waiting';
    channel.settled(() => {
      this.#reuse = 'free';
      if (this.#channel === channel) this.#owner.slotFreed();
    });
  }

  #noteStray(isLate: boolean): void {
    this.#owner.noted({ type: 'stray frame', isLate });
    this.#strayFrames += 1;
    if (this.#strayFrames > MAX_STRAY_FRAMES) this.retire();
  }

  // Called by the parts that keep order.

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
