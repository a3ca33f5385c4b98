import { AsyncResource } from 'node:async_hooks';
import type { Exchange, Frame, Outgoing, Priority, Reply } from '../contract/index.js';
import { ChoragusError, type Delivery, type Phase, type Timings } from '../errors/index.js';
import type { Awaiting } from '../protocol/awaiting.js';
import type { EncodedRequest } from '../protocol/encode-request.js';
import { contentOf } from '../protocol/frame-codec.js';
import { chunkOf, kindOfChunk } from './chunk-of.js';
import type { Ci } from './ci.js';
import { type Due, OFF_WHEEL } from './deadline-wheel.js';
import { type Receiver, tellWhole } from './receiver.js';
import { aborted, missed, tooLong } from './refusal.js';
import { replyOf } from './reply-of.js';
import type { Manner, RequestTerms } from './request-terms.js';
import { timingsPlaced, timingsUnplaced } from './request-timings.js';
import type { Session } from './session.js';
import { StreamText } from './stream-text.js';
import type { Waiting } from './wait-queue.js';

/** Where a request is. Only `placed` and before can it be given up without a trace on the wire. */
type Stage = 'waiting' | 'placed' | 'sent' | 'settled';

/**
 * One request from subscription to settlement: entry of the in-flight table, of the wait queue and of the deadline
 * wheel at once, the teardown of its subscription, and the async context (AsyncLocalStorage) in which its subscriber is called: that of
 * the subscriber, and not of whoever dialled or asked before. One object for all of it, because a request must cost little.
 */
export class PendingRequest extends AsyncResource implements Awaiting, Outgoing, Due, Waiting {
  readonly #receiver: Receiver;
  readonly #encoded: EncodedRequest;
  readonly #terms: RequestTerms;
  readonly #ci: Ci;
  readonly #startedMs: number;
  #stage: Stage = 'waiting';
  #delivery: Delivery = 'not_sent';
  #session: Session | undefined;
  #number = 0;
  #placedMs = 0;
  #reused = true;
  #hasWaited = false;
  /** What has come of a stream. */
  #text: StreamText | undefined;
  #error: ChoragusError | undefined;
  #onAbort: (() => void) | undefined;

  dueMs: number;
  wheelNext: Due | undefined = undefined;
  wheelPrevious: Due | undefined = undefined;
  wheelSlot = OFF_WHEEL;
  queueNext: this | undefined = undefined;
  queuePrevious: this | undefined = undefined;
  isQueued = false;

  constructor(receiver: Receiver, encoded: EncodedRequest, terms: RequestTerms, ci: Ci, nowMs: number) {
    super('ChoragusRequest');
    this.#receiver = receiver;
    this.#encoded = encoded;
    this.#terms = terms;
    this.#ci = ci;
    this.#startedMs = nowMs;
    this.dueMs = nowMs + Math.min(terms.deadlineMs, terms.connectTimeoutMs);
    if (terms.signal !== undefined) this.#watch(terms.signal);
  }

  get type(): string {
    return this.#encoded.type;
  }

  get manner(): Manner {
    return this.#terms.manner;
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

  waits(): void {
    this.#hasWaited = true;
  }

  /** A session has taken it, under this number. */
  placed(session: Session, number: number, nowMs: number): void {
    this.#stage = 'placed';
    this.#session = session;
    this.#number = number;
    this.#placedMs = nowMs;
    this.#reused = session.carried > 0 || !this.#hasWaited || session.upMs < this.#startedMs;
    this.#moveDue(this.manner === 'whole' ? this.#deadlineMs : nowMs + this.#terms.firstChunkTimeoutMs);
  }

  commit(socket?: 'fresh'): string {
    if (this.#stage !== 'placed' || this.#session === undefined) return '';
    if (socket === 'fresh') this.#reused = false;
    this.#stage = 'sent';
    this.#delivery = 'maybe_sent';
    this.#ci.metrics.requests += 1;
    if (this.#reused) this.#ci.metrics.reuses += 1;
    return `${this.#encoded.body},"request_id":"${this.#session.idOf(this.#number)}"}`;
  }

  chunk(frame: Frame): void {
    const session = this.#session as Session;
    const content = contentOf(frame);
    if (content === undefined) return this.#misanswered('a chunk without content');
    const { maxReplyBytes } = this.#ci.limits;
    if (this.#received + content.length > maxReplyBytes) return this.fail(tooLong(maxReplyBytes));
    this.#moveDue(session.lastByteMs + this.#terms.idleTimeoutMs);
    this.#deliver(content, frame);
  }

  answered(frame: Frame): void {
    const content = contentOf(frame);
    if (content === undefined && this.type === 'chat') return this.#misanswered('an answer without content');
    if (this.manner === 'stream') {
      // A peer that cannot stream answers with one reply: one chunk, and the end. After chunks, it is the end alone.
      if (this.#text === undefined) this.#deliver(content ?? '', frame);
      return this.ended(frame);
    }
    const timings = this.#succeed(content?.length ?? 0);
    if (timings === undefined) return;
    this.runInAsyncScope(tellWhole, this.#receiver, this.#reply(frame, content ?? '', timings));
  }

  ended(frame: Frame): void {
    const timings = this.#succeed(this.#received);
    if (timings === undefined) return;
    // Put together only where it is wanted.
    const wholeOf = (): Reply => this.#reply(frame, this.#text?.toString() ?? '', timings);
    this.runInAsyncScope(this.#receiver.complete, this.#receiver, wholeOf);
  }

  failed(error: ChoragusError): void {
    if (error.delivery === 'answered') this.#delivery = 'answered';
    this.fail(error);
  }

  /** Ends it in an error, which is given this request's CI, delivery, timings and partial text. */
  fail(cause: ChoragusError): void {
    const nowMs = this.#ci.now();
    const phase = cause.phase ?? this.#phase();
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
    this.runInAsyncScope(this.#receiver.error, this.#receiver, error);
  }

  /** Teardown of the subscription: gives the request up, unless it has ended. */
  unsubscribe(): void {
    if (this.#stage === 'settled') return;
    const nowMs = this.#ci.now();
    this.#leave(nowMs);
    this.#ci.cancelled();
    this.#tell('cancelled', this.#received, nowMs);
  }

  /** The wheel's call: some time is over. */
  due(nowMs: number): void {
    const terms = this.#terms;
    if (nowMs >= this.#deadlineMs)
      return this.#timeOut(this.#stage === 'waiting' ? this.#phase() : 'total', terms.deadlineMs);
    if (this.#stage === 'waiting') {
      if (!this.#ci.isLinked && nowMs >= this.#startedMs + terms.connectTimeoutMs) {
        return this.#timeOut('connect', terms.connectTimeoutMs);
      }
      this.dueMs = this.#deadlineMs;
    } else if (nowMs >= this.dueMs) {
      return this.#text === undefined
        ? this.#timeOut('first chunk', terms.firstChunkTimeoutMs)
        : this.#timeOut('idle', terms.idleTimeoutMs);
    }
    this.#ci.wheel.add(this);
  }

  get #received(): number {
    return this.#text?.characters ?? 0;
  }

  get #deadlineMs(): number {
    return this.#startedMs + this.#terms.deadlineMs;
  }

  #watch(signal: AbortSignal): void {
    this.#onAbort = () => this.fail(aborted(signal));
    this.#ci.aborts.add(signal, this.#onAbort);
  }

  #unwatch(): void {
    const { signal } = this.#terms;
    if (signal !== undefined && this.#onAbort !== undefined) this.#ci.aborts.remove(signal, this.#onAbort);
  }

  /** Sets the next moment at which something is over. */
  #moveDue(dueMs: number): void {
    const isEarlier = dueMs < this.dueMs;
    this.dueMs = Math.min(dueMs, this.#deadlineMs);
    // The wheel looks at a thing no later than its old moment, and finds a later one by itself.
    if (isEarlier) {
      this.#ci.wheel.remove(this);
      this.#ci.wheel.add(this);
    }
  }

  #succeed(received: number): Timings | undefined {
    const session = this.#session as Session;
    const nowMs = session.lastByteMs;
    if (!this.#leave(nowMs)) return undefined;
    const timings = this.#timings(nowMs);
    this.#ci.succeeded(timings, session);
    this.#tell('answered', received, nowMs);
    return timings;
  }

  #reply(frame: Frame, content: string, timings: Timings): Reply {
    return replyOf(this.#ci.name, frame, content, this.#reused, timings);
  }

  #deliver(content: string, frame: Frame): void {
    this.#text ??= new StreamText();
    const kind = kindOfChunk(frame);
    const index = this.#text.count;
    this.#text.add(content, kind);
    this.#ci.metrics.chunks += 1;
    this.runInAsyncScope(this.#receiver.next, this.#receiver, chunkOf(this.#ci.name, index, kind, content, frame));
  }

  #misanswered(message: string): void {
    this.#delivery = 'answered';
    this.fail(new ChoragusError('protocol_error', message));
  }

  #timeOut(phase: Phase, ms: number): void {
    this.fail(missed(phase, ms));
  }

  #phase(): Phase {
    if (this.#stage === 'waiting') return this.#ci.isLinked ? 'queue' : 'connect';
    if (this.manner === 'whole') return 'total';
    return this.#text === undefined ? 'first chunk' : 'idle';
  }

  /** Lets go of all that it holds, once. Returns false when it had ended before. */
  #leave(nowMs: number): boolean {
    const stage = this.#stage;
    if (stage === 'settled') return false;
    this.#stage = 'settled';
    this.#unwatch();
    this.#ci.wheel.remove(this);
    if (stage === 'waiting') this.#ci.leaveQueue(this);
    else (this.#session as Session).release(this, this.#number, stage, nowMs);
    return true;
  }

  /** Tells whoever watches the connection what the request came to. */
  #tell(ended: Exchange['ended'], received: number, nowMs: number): void {
    const { exchanges } = this.#ci;
    if (exchanges.isEmpty || this.#session === undefined) return;
    exchanges.tell(this.#session.connection, () => ({
      type: this.type,
      manner: this.manner,
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
