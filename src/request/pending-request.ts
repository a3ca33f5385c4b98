import type { ChunkKind, Exchange, Frame, Outgoing, Priority, Reply, ReplyMode } from '../contract/index.js';
import type { ChoragusError, Delivery, Phase, Timings } from '../errors/index.js';
import { aborted, replyTooLarge, withoutContent } from '../errors/index.js';
import type { RequestTrace } from '../observe/request-trace.js';
import type { Awaiting } from '../protocol/awaiting.js';
import { type EncodedRequest, ID_BYTES } from '../protocol/encode-request.js';
import { contentOf } from '../protocol/frame-codec.js';
import { metaOf } from '../protocol/trace-context.js';
import type { Due } from '../schedule/deadline-wheel.js';
import { chunkOf, kindOfChunk } from './chunk-of.js';
import { Listed } from './listed.js';
import { replyOf } from './reply-of.js';
import { type RequestObserver, tellWhole } from './request-observer.js';
import type { RequestCi, RequestSession } from './request-ports.js';
import type { RequestTerms } from './request-terms.js';
import { timingsPlaced, timingsUnplaced } from './request-timings.js';
import { StreamText } from './stream-text.js';
import { type Progress, phaseOf, timeOver } from './time-over.js';
import type { Waiting } from './wait-queue.js';

/** How far a request has come. Up to `placed`, nothing of it has reached the wire. */
type Stage = 'waiting' | 'placed' | 'sent' | 'settled';

/**
 * One request from subscription to settlement. It is at once the entry of the in-flight table, of the wait queue and of
 * the deadline wheel, the teardown of its subscription, and the async context (AsyncLocalStorage) of its subscriber. It
 * is one object, because a request must be cheap.
 */
export class PendingRequest extends Listed implements Awaiting, Outgoing, Due, Waiting {
  readonly #receiver: RequestObserver;
  readonly #encoded: EncodedRequest;
  readonly #terms: RequestTerms;
  readonly #ci: RequestCi;
  readonly #startedMs: number;
  #stage: Stage = 'waiting';
  #delivery: Delivery = 'not_sent';
  #session: RequestSession | undefined;
  #number = 0;
  #placedMs = 0;
  #reused = true;
  #hasWaited = false;
  /** The stream's text so far. */
  #text: StreamText | undefined;
  #error: ChoragusError | undefined;
  #unwatch: (() => void) | undefined;
  /** Undefined unless somebody subscribed to the channels of requests when it began. */
  #trace: RequestTrace | undefined;

  constructor(receiver: RequestObserver, encoded: EncodedRequest, terms: RequestTerms, ci: RequestCi, nowMs: number) {
    super('ChoragusRequest');
    this.#receiver = receiver;
    this.#encoded = encoded;
    this.#terms = terms;
    this.#ci = ci;
    this.#startedMs = nowMs;
    this.dueMs = nowMs + Math.min(terms.deadlineMs, terms.connectTimeoutMs, terms.patienceMs);
    if (terms.signal !== undefined) this.#watch(terms.signal);
  }

  get type(): string {
    return this.#encoded.type;
  }

  get replyMode(): ReplyMode {
    return this.#terms.replyMode;
  }

  /** Returns whether the request asks for a stream. */
  get asksStream(): boolean {
    return this.replyMode === 'stream';
  }

  get priority(): Priority {
    return this.#terms.priority;
  }

  get whenDown(): 'fail' | 'wait' {
    return this.#terms.whenDown;
  }

  get isWritten(): boolean {
    return this.#delivery !== 'not_sent';
  }

  get error(): ChoragusError | undefined {
    return this.#error;
  }

  get isSettled(): boolean {
    return this.#stage === 'settled';
  }

  get delivery(): Delivery {
    return this.#delivery;
  }

  /** Returns whether the request must not share its link. */
  get isAlone(): boolean {
    return false;
  }

  waits(): void {
    this.#hasWaited = true;
  }

  /** Publishes the events of the request from now on. Returns false if a subscriber ended it at once. */
  begins(trace: RequestTrace): boolean {
    this.#trace = trace;
    trace.begun();
    return !this.isSettled;
  }

  /** Notes that a session took the request, under this number. */
  placed(session: RequestSession, number: number, nowMs: number): void {
    this.#stage = 'placed';
    this.#session = session;
    this.#number = number;
    this.#placedMs = nowMs;
    this.#reused = session.carried > 0 || !this.#hasWaited || session.upMs < this.#startedMs;
    const { firstChunkTimeoutMs, patienceMs } = this.#terms;
    const dueMs = Math.min(nowMs + firstChunkTimeoutMs, this.#startedMs + patienceMs);
    this.#moveDue(this.replyMode === 'whole' ? this.#deadlineMs : dueMs);
    this.#trace?.placed(session.connection, this.#reused);
  }

  commit(socket?: 'fresh'): string {
    if (this.#stage !== 'placed' || this.#session === undefined) return '';
    if (socket === 'fresh') this.#reused = false;
    this.#stage = 'sent';
    this.#delivery = 'maybe_sent';
    this.#ci.metrics.requests += 1;
    if (this.#reused) this.#ci.metrics.reuses += 1;
    if (this.#trace !== undefined) this.runInAsyncScope(this.#trace.written, this.#trace, this.#reused);
    return this.written(this.#session.idOf(this.#number));
  }

  chunk(frame: Frame): void {
    const { session } = this;
    const content = contentOf(frame);
    if (session.fault !== undefined) return this.failed(session.fault);
    if (content === undefined) return this.failed(withoutContent('a chunk'));
    const { maxReplyBytes } = this.#ci.limits;
    if (this.#received + content.length > maxReplyBytes)
      return this.fail(replyTooLarge('a stream', maxReplyBytes, 'characters'));
    this.#deliver(content, frame);
  }

  answered(frame: Frame): void {
    const content = contentOf(frame);
    if (this.session.fault !== undefined) return this.failed(this.session.fault);
    if (content === undefined && this.type === 'chat') return this.failed(withoutContent('an answer'));
    if (this.replyMode === 'stream') {
      // A peer that cannot stream sends one reply: it counts as one chunk and the end. After chunks, it is only the
      // end.
      if (this.#text === undefined) this.#deliver(content ?? '', frame);
      return this.ended(frame);
    }
    const timings = this.succeed(content?.length ?? 0, frame);
    if (timings === undefined) return;
    const reply = this.#reply(frame, content ?? '', timings);
    this.traceAnswer(timings, reply);
    this.runInAsyncScope(tellWhole, this.#receiver, reply);
  }

  ended(frame: Frame): void {
    if (this.session.fault !== undefined) return this.failed(this.session.fault);
    const timings = this.succeed(this.#received, frame);
    if (timings === undefined) return;
    // Built only if it is read.
    const wholeOf = (): Reply => this.#reply(frame, this.#text?.toString() ?? '', timings);
    if (this.#trace !== undefined) this.traceAnswer(timings, wholeOf());
    this.runInAsyncScope(this.#receiver.complete, this.#receiver, wholeOf);
  }

  failed(error: ChoragusError): void {
    if (error.delivery === 'answered') this.#delivery = 'answered';
    this.fail(error);
  }

  /** Ends the request with an error, and adds its CI, delivery, timings and partial text. */
  fail(cause: ChoragusError): void {
    const nowMs = this.#ci.now();
    const phase = cause.phase ?? phaseOf(this.#terms, this.#progress);
    if (!this.#leave(nowMs)) return;
    const error = cause.with({
      ci: this.#ci.name,
      delivery: this.#delivery,
      phase,
      timings: this.#timings(nowMs),
      partial: this.#text?.toString() ?? cause.partial,
    });
    this.#error = error;
    this.#ci.failed(error, this.#session);
    this.#tell(error.code, this.#received, nowMs);
    if (this.#trace !== undefined) this.runInAsyncScope(this.#trace.failed, this.#trace, error);
    this.runInAsyncScope(this.#receiver.error, this.#receiver, error);
  }

  /** Cancels the request, unless it has ended: the teardown of the subscription. */
  unsubscribe(): void {
    if (this.#stage === 'settled') return;
    const nowMs = this.#ci.now();
    const trace = this.#trace;
    const phase = trace === undefined ? undefined : phaseOf(this.#terms, this.#progress);
    this.#leave(nowMs);
    this.#ci.cancelled();
    this.#tell('cancelled', this.#received, nowMs);
    if (trace !== undefined) this.runInAsyncScope(trace.cancelled, trace, this.#timings(nowMs), phase as Phase);
  }

  /** Called by the wheel when a time limit may be over. */
  due(nowMs: number): void {
    const over = timeOver(this.#terms, this.#progress, nowMs);
    if (over !== undefined) return this.fail(over);
    if (this.#stage === 'waiting') this.dueMs = Math.min(this.#deadlineMs, this.#startedMs + this.#terms.patienceMs);
    this.#ci.wheel.add(this);
  }

  /** Publishes that the request was answered. */
  protected traceAnswer(timings: Timings, reply?: Reply): void {
    if (this.#trace !== undefined) this.runInAsyncScope(this.#trace.answered, this.#trace, timings, reply);
  }

  /** Returns the session that took the request. */
  protected get session(): RequestSession {
    return this.#session as RequestSession;
  }

  /** Returns the request as JSON text with this id. */
  protected written(id: string): string {
    return `${this.#encoded.body}${this.#meta},"request_id":"${id}"}`;
  }

  /** Returns the trace context as JSON, if the request carries one and has room for it. */
  get #meta(): string {
    const carrier = this.#trace?.carrier;
    const { body, fields } = this.#encoded;
    // The message's own comes first: two members of one name would be one too many.
    if (carrier === undefined || !this.#ci.isTraceSent || fields?._meta !== undefined) return '';
    const meta = metaOf(carrier);
    return Buffer.byteLength(body) + meta.length + ID_BYTES > this.#ci.limits.maxRequestBytes ? '' : meta;
  }

  get #received(): number {
    return this.#text?.characters ?? 0;
  }

  get #deadlineMs(): number {
    return this.#startedMs + this.#terms.deadlineMs;
  }

  #watch(signal: AbortSignal): void {
    const onAbort = (): void => this.fail(aborted(signal));
    this.#ci.aborts.add(signal, onAbort);
    this.#unwatch = () => this.#ci.aborts.remove(signal, onAbort);
  }

  /** Sets the next time at which a limit is over. */
  #moveDue(dueMs: number): void {
    const isEarlier = dueMs < this.dueMs;
    this.dueMs = Math.min(dueMs, this.#deadlineMs);
    // The wheel reads `dueMs` again at the old time, so only an earlier time needs a move.
    if (isEarlier) {
      this.#ci.wheel.remove(this);
      this.#ci.wheel.add(this);
    }
  }

  /** Ends the request with success: `frame` ended it. Returns its timings; undefined if it had ended before. */
  protected succeed(received: number, frame: Frame): Timings | undefined {
    const { session } = this;
    const nowMs = session.lastByteMs;
    if (!this.#leave(nowMs)) return undefined;
    const timings = this.#timings(nowMs);
    if (frame.usage !== undefined) this.#ci.metrics.countTokens(frame);
    this.#ci.succeeded(timings, session);
    this.#tell('answered', received, nowMs);
    return timings;
  }

  #reply(frame: Frame, content: string, timings: Timings): Reply {
    return replyOf(this.#ci.name, frame, content, this.#reused, timings);
  }

  /** Adds a part of a stream. Returns its number. */
  protected progress(piece: string, kind: ChunkKind): number {
    this.#moveDue(this.session.lastByteMs + this.#terms.idleTimeoutMs);
    if (this.#text === undefined) {
      this.#text = new StreamText();
      this.#ci.metrics.durations.firstChunk.record(this.session.lastByteMs - this.#startedMs);
    }
    this.#text.add(piece, kind);
    this.#ci.metrics.chunks += 1;
    const index = this.#text.count - 1;
    if (index === 0 && this.#trace !== undefined) this.runInAsyncScope(this.#trace.chunkArrived, this.#trace);
    return index;
  }

  #deliver(content: string, frame: Frame): void {
    const kind = kindOfChunk(frame);
    const index = this.progress(content, kind);
    // A subscriber to the first chunk's event may have ended the request.
    if (this.#stage === 'settled') return;
    this.runInAsyncScope(this.#receiver.next, this.#receiver, chunkOf(this.#ci.name, index, kind, content, frame));
  }

  get #progress(): Progress {
    return {
      startedMs: this.#startedMs,
      dueMs: this.dueMs,
      isWaiting: this.#stage === 'waiting',
      isLinked: this.#ci.isLinked,
      hasBegun: this.#text !== undefined,
    };
  }

  /** Releases everything that the request holds, once. Returns false if it had ended before. */
  #leave(nowMs: number): boolean {
    const stage = this.#stage;
    if (stage === 'settled') return false;
    this.#stage = 'settled';
    this.#unwatch?.();
    this.#ci.wheel.remove(this);
    if (stage === 'waiting') this.#ci.leaveQueue(this);
    else this.session.release(this, this.#number, stage, nowMs);
    return true;
  }

  /** Reports the ended request to the connection's observers. */
  #tell(ended: Exchange['ended'], received: number, nowMs: number): void {
    const { exchanges } = this.#ci;
    if (exchanges.isEmpty || this.#session === undefined) return;
    exchanges.tell(this.#session.connection, () => ({
      type: this.type,
      replyMode: this.replyMode,
      ended,
      sent: this.#encoded.body.length + 1,
      received,
      chunks: this.#text?.count ?? 0,
      timings: this.#timings(nowMs),
    }));
  }

  #timings(nowMs: number): Timings {
    const session = this.#session;
    if (session === undefined) return timingsUnplaced(this.#startedMs, nowMs, this.#ci.isLinked);
    return timingsPlaced(this.#startedMs, session.upMs, this.#placedMs, nowMs);
  }
}
