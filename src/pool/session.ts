import type { Channel, ChannelSink, Clock, Frame, Limits } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import type { CiMetrics } from '../observe/metrics.js';
import { Correlator } from '../protocol/correlator.js';
import { once } from './once.js';
import type { PendingRequest } from './pending-request.js';
import { Ping } from './ping.js';

/** After this many dropped frames the peer is talking to nobody: the connection is replaced. */
const MAX_STRAY_FRAMES = 10_000;

/** A connection that cannot be retired yet is looked at again after the grace, and no sooner than this. */
const SHORTEST_RECHECK_MS = 100;

/** What a session needs of the connection whose link it is. */
export interface SessionOwner {
  /** The connection's name. */
  readonly name: string;
  readonly ci: {
    readonly limits: Limits;
    readonly metrics: CiMetrics;
    readonly waiting: number;
  };
  readonly clock: Clock;
  /** It may be able to take more now. */
  placeFreed(): void;
  /** A request is over. */
  released(): void;
  /** A frame was dropped. */
  strayed(): void;
  /** Whether one more may close in its own time. */
  readonly mayRetire: boolean;
  /** It must take no more requests. */
  retire(): void;
  succeeded(): void;
  failed(): void;
}

/**
 * One link's life as requests see it, from dial to loss: how many more it can take, who is answered, what is owed. A
 * new link is a new session, so nothing of an old one can be mistaken for the new one's.
 */
export class Session implements ChannelSink {
  readonly #owner: SessionOwner;
  readonly #limits: Limits;
  readonly #correlator: Correlator;
  readonly dialledMs: number;
  #channel: Channel | undefined;
  #upMs = 0;
  #lastByteMs = 0;
  #carried = 0;
  #answered = 0;
  #failuresInRow = 0;
  #strayFrames = 0;
  #ping: Ping | undefined;
  #graceTimer: unknown;
  /** The frame that is being handed on: its text, and what is wrong with that. */
  #line: string | undefined;
  #fault: ChoragusError | undefined;
  /** A request that shares the link with no other. */
  #loner: PendingRequest | undefined;

  /** `idPrefix` makes this session's request ids differ from every other's. */
  constructor(owner: SessionOwner, idPrefix: string) {
    this.#owner = owner;
    this.#limits = owner.ci.limits;
    this.#correlator = new Correlator(idPrefix, owner.ci.metrics);
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

  get isEchoing(): boolean {
    return this.#correlator.isEchoing;
  }

  /** Requests that are outstanding; a ping does not count. */
  get inFlight(): number {
    return this.#correlator.live - (this.#ping === undefined ? 0 : 1);
  }

  /** Requests given up whose replies are owed. */
  get tombstones(): number {
    return this.#correlator.tombstones;
  }

  /** The text of the frame that is being handed on; none on a wire without lines. */
  get line(): string | undefined {
    return this.#line;
  }

  /** Why that text is no JSON, where it is none. */
  get fault(): ChoragusError | undefined {
    return this.#fault;
  }

  /** Whether it can take one more request now. */
  get hasPlace(): boolean {
    return (
      this.#channel?.isWritable === true &&
      this.#loner === undefined &&
      this.#correlator.canTake(this.#limits.pipelining, this.#limits.maxInFlight)
    );
  }

  /** Whether no answer is outstanding or owed, so that the next request has the link to itself. */
  get isEmpty(): boolean {
    return this.#correlator.isEmpty;
  }

  /** Whether what keeps its place from being free is a request that was given up. */
  get isBlocked(): boolean {
    return this.#channel !== undefined && !this.#correlator.isEchoing && this.#correlator.tombstones > 0;
  }

  /** The link is up. */
  open(channel: Channel): void {
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

  /** The link is gone: whatever is outstanding fails. */
  end(causeOf: () => ChoragusError): void {
    this.shut();
    this.#owner.clock.clearTimeout(this.#graceTimer);
    const cause = once(causeOf);
    for (const request of this.#correlator.drain()) request.failed(cause());
  }

  /** Takes a request: it is written at the end of the tick. */
  take(request: PendingRequest, nowMs: number): void {
    if (request.isAlone) this.#loner = request;
    request.placed(this, this.#correlator.add(request), nowMs);
    this.#carried += 1;
    (this.#channel as Channel).send(request);
  }

  idOf(number: number): string {
    return this.#correlator.idOf(number);
  }

  /** A request is over. What may have been written and was not answered leaves a tombstone, unless the wire owes nothing. */
  release(request: PendingRequest, number: number, stage: 'placed' | 'sent', nowMs: number): void {
    if (stage === 'placed' || this.#channel?.giveUp?.(request) === 'over') this.#correlator.withdraw(number);
    else this.#correlator.abandon(number, nowMs);
    if (this.#correlator.tombstones > 0) this.#watchTombstones(nowMs);
    if (this.#loner === request) this.#loner = undefined;
    this.#owner.released();
  }

  succeeded(): void {
    this.#answered += 1;
    this.#failuresInRow = 0;
    this.#owner.succeeded();
  }

  /** A request timed out here, or was answered with an error. */
  failed(): void {
    // What fails with its link says nothing more of it.
    if (this.#channel === undefined) return;
    this.#failuresInRow += 1;
    if (this.#failuresInRow === this.#limits.degradeAfterFailures) this.#owner.failed();
  }

  /** Asks for a sign of life: by the wire's own heartbeat, or by a ping, unless one is outstanding already. */
  ping(): void {
    const channel = this.#channel;
    if (channel?.ping !== undefined) return channel.ping();
    if (this.#ping !== undefined || channel === undefined) return;
    const ping = new Ping(() => {
      this.#ping = undefined;
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
    this.#line = line;
    this.#fault = fault;
    const strays = ci.metrics.strayFrames;
    const verdict = this.#correlator.receive(frame);
    if (ci.metrics.strayFrames !== strays) this.#noteStray();
    if (verdict === 'retire') this.#owner.retire();
    if (verdict === 'desync') {
      // Thrown into the channel's data handler, which ends the link with it.
      throw new ChoragusError(
        'protocol_error',
        'an answer came that nobody had asked for, or that could be for several',
      );
    }
    // A late reply that came at last, or a stream that has begun, frees a place on a FIFO wire.
    if (ci.waiting > 0 && this.hasPlace) this.#owner.placeFreed();
  }

  drained(): void {
    this.#owner.placeFreed();
  }

  suspect(): void {
    this.#owner.failed();
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

  #noteStray(): void {
    this.#owner.strayed();
    this.#strayFrames += 1;
    if (this.#strayFrames > MAX_STRAY_FRAMES) this.#owner.retire();
  }

  /**
   * A tombstone may keep its place for `lateReplyGraceMs`. Then a FIFO connection is retired, since it is blocked; one
   * whose peer echoes ids goes on for its neighbours, and is retired when they are over, or when tombstones fill half of it.
   */
  #watchTombstones(nowMs: number): void {
    const isHalfFull = this.#correlator.isEchoing && this.#correlator.tombstones * 2 >= this.#limits.maxInFlight;
    if (isHalfFull && this.#owner.mayRetire) return this.#owner.retire();
    if (this.#graceTimer !== undefined) return;
    const oldestMs = this.#correlator.oldestTombstoneMs() ?? nowMs;
    this.#judgeIn(oldestMs + this.#limits.lateReplyGraceMs - nowMs);
  }

  #judgeIn(delayMs: number): void {
    const { clock } = this.#owner;
    const judge = (): void => clock.afterIo(() => this.#judgeTombstones());
    this.#graceTimer = clock.setTimeout(judge, Math.max(delayMs, 0), 'background');
  }

  #judgeTombstones(): void {
    this.#graceTimer = undefined;
    const oldestMs = this.#correlator.oldestTombstoneMs();
    if (oldestMs === undefined || this.#channel === undefined) return;
    const { lateReplyGraceMs } = this.#limits;
    const leftMs = oldestMs + lateReplyGraceMs - this.#owner.clock.now();
    if (leftMs > 0) return this.#judgeIn(leftMs);
    const isOver = !this.#correlator.isEchoing || this.inFlight === 0;
    if (isOver && this.#owner.mayRetire) this.#owner.retire();
    else this.#judgeIn(Math.max(lateReplyGraceMs, SHORTEST_RECHECK_MS));
  }
}
