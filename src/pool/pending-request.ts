import type { Subscriber } from 'rxjs';
import type { Chunk, Frame, Outgoing, Priority, Reply } from '../contract/index.js';
import { ChoragusError, type Delivery, type Phase, type Timings } from '../errors/index.js';
import type { Awaiting } from '../protocol/awaiting.js';
import { contentOf } from '../protocol/frame-codec.js';
import type { Ci } from './ci.js';
import { type Due, OFF_WHEEL } from './deadline-wheel.js';
import type { RequestPlan } from './request-plan.js';
import type { Session } from './session.js';
import type { Waiting } from './wait-queue.js';

/** Where a request is. Only `placed` and before can it be given up without a trace on the wire. */
type Stage = 'waiting' | 'placed' | 'sent' | 'settled';

/**
 * One request from subscription to settlement: entry of the in-flight table, of the wait queue and of the deadline
 * wheel at once, and the teardown of its subscription. One object for all of it, because a request must cost little.
 */
export class PendingRequest implements Awaiting, Outgoing, Due, Waiting {
  readonly #subscriber: Subscriber<unknown>;
  readonly #plan: RequestPlan;
  readonly #ci: Ci;
  readonly #startedMs: number;
  readonly #deadlineMs: number;
  #stage: Stage = 'waiting';
  #delivery: Delivery = 'not_sent';
  #session: Session | undefined;
  #number = 0;
  #placedMs = 0;
  #connectMs = 0;
  #reused = true;
  #hasWaited = false;
  #chunks = 0;
  #text = '';
  #error: ChoragusError | undefined;

  dueMs: number;
  wheelNext: Due | undefined = undefined;
  wheelPrevious: Due | undefined = undefined;
  wheelSlot = OFF_WHEEL;
  queueNext: this | undefined = undefined;
  queuePrevious: this | undefined = undefined;
  isQueued = false;

  constructor(subscriber: Subscriber<unknown>, plan: RequestPlan, ci: Ci, nowMs: number) {
    this.#subscriber = subscriber;
    this.#plan = plan;
    this.#ci = ci;
    this.#startedMs = nowMs;
    this.#deadlineMs = nowMs + plan.deadlineMs;
    this.dueMs = Math.min(this.#deadlineMs, nowMs + plan.connectTimeoutMs);
    if (plan.signal !== undefined) ci.aborts.add(plan.signal, this.#onAbort);
  }

  get type(): string {
    return this.#plan.type;
  }

  get manner(): 'whole' | 'stream' {
    return this.#plan.manner;
  }

  get priority(): Priority {
    return this.#plan.priority;
  }

  get whenDown(): 'fail' | 'wait' {
    return this.#plan.whenDown;
  }

  get isWritten(): boolean {
    return this.#delivery !== 'not_sent';
  }

  /** What it ended in, if it failed. */
  get error(): ChoragusError | undefined {
    return this.#error;
  }

  get isSettled(): boolean {
    return this.#stage === 'settled';
  }

  /** What is known of its way to the peer. */
  get delivery(): Delivery {
    return this.#delivery;
  }

  /** There is no place for it now. */
  waits(): void {
    this.#hasWaited = true;
  }

  /** A session has taken it, under this number. */
  placed(session: Session, number: number, nowMs: number): void {
    this.#stage = 'placed';
    this.#session = session;
    this.#number = number;
    this.#placedMs = nowMs;
    // The wait until the link was up is the connect's; the rest of it is the queue's.
    this.#connectMs = Math.max(0, session.upMs - this.#startedMs);
    this.#reused = session.carried > 0 || !this.#hasWaited || session.upMs < this.#startedMs;
    this.#moveDue(this.#plan.manner === 'whole' ? this.#deadlineMs : nowMs + this.#plan.firstChunkTimeoutMs);
  }

  commit(): string {
    if (this.#stage !== 'placed' || this.#session === undefined) return '';
    this.#stage = 'sent';
    this.#delivery = 'maybe_sent';
    this.#ci.metrics.requests += 1;
    if (this.#reused) this.#ci.metrics.reuses += 1;
    return `${this.#plan.body},"request_id":"${this.#session.idOf(this.#number)}"}`;
  }

  chunk(frame: Frame): void {
    const session = this.#session as Session;
    const content = contentOf(frame);
    if (content === undefined) return this.#misanswered('a chunk without content');
    if (this.#text.length + content.length > this.#ci.limits.maxReplyBytes) {
      const message = `a stream of over ${this.#ci.limits.maxReplyBytes} characters (maxReplyBytes)`;
      return this.fail(new ChoragusError('reply_too_large', message));
    }
    this.#moveDue(session.lastByteMs + this.#plan.idleTimeoutMs);
    this.#deliver(content, frame.metadata);
  }

  answered(frame: Frame): void {
    const content = contentOf(frame);
    if (content === undefined && this.#plan.type === 'chat') return this.#misanswered('an answer without content');
    if (this.#plan.manner === 'stream') {
      // A peer that cannot stream answers with one reply: one chunk, and the end. After chunks, it is the end alone.
      if (this.#chunks === 0) this.#deliver(content ?? '', frame.metadata);
      return this.ended(frame);
    }
    const reply = this.#succeed(frame, content ?? '');
    if (reply === undefined) return;
    this.#subscriber.next(reply);
    this.#subscriber.complete();
  }

  ended(frame: Frame): void {
    const reply = this.#succeed(frame, this.#text);
    if (reply === undefined) return;
    this.#plan.onWhole?.(reply);
    this.#subscriber.complete();
  }

  /** Its answer is a failure, or its connection is gone. */
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
      partial: this.#chunks > 0 ? this.#text : undefined,
    });
    this.#error = error;
    this.#ci.failed(error, this.#session);
    this.#subscriber.error(error);
  }

  /** Teardown of the subscription: gives the request up, unless it has ended. */
  unsubscribe(): void {
    if (this.#stage === 'settled') return;
    this.#leave(this.#ci.now());
    this.#ci.cancelled();
  }

  /** The wheel's call: some time is over. */
  due(nowMs: number): void {
    const plan = this.#plan;
    if (nowMs >= this.#deadlineMs)
      return this.#timeOut(this.#stage === 'waiting' ? this.#phase() : 'total', plan.deadlineMs);
    if (this.#stage === 'waiting') {
      if (!this.#ci.isLinked && nowMs >= this.#startedMs + plan.connectTimeoutMs) {
        return this.#timeOut('connect', plan.connectTimeoutMs);
      }
      this.dueMs = this.#deadlineMs;
    } else if (nowMs >= this.dueMs) {
      return this.#chunks === 0
        ? this.#timeOut('first chunk', plan.firstChunkTimeoutMs)
        : this.#timeOut('idle', plan.idleTimeoutMs);
    }
    this.#ci.watch(this);
  }

  readonly #onAbort = (): void => {
    this.fail(new ChoragusError('cancelled', 'the signal was aborted', { cause: this.#plan.signal?.reason }));
  };

  /** Sets the next moment at which something is over. */
  #moveDue(dueMs: number): void {
    const isEarlier = dueMs < this.dueMs;
    this.dueMs = Math.min(dueMs, this.#deadlineMs);
    // The wheel looks at a thing no later than its old moment, and finds a later one by itself.
    if (isEarlier) {
      this.#ci.unwatch(this);
      this.#ci.watch(this);
    }
  }

  #succeed(frame: Frame, content: string): Reply | undefined {
    const session = this.#session as Session;
    const nowMs = session.lastByteMs;
    if (!this.#leave(nowMs)) return undefined;
    const timings = this.#timings(nowMs);
    this.#ci.succeeded(timings, session);
    return {
      ci: this.#ci.name,
      content,
      model: typeof frame.model === 'string' ? frame.model : undefined,
      type: String(frame.type),
      raw: frame,
      reused: this.#reused,
      timings,
    };
  }

  #deliver(content: string, metadata: unknown): void {
    const index = this.#chunks;
    this.#chunks += 1;
    this.#text += content;
    this.#ci.metrics.chunks += 1;
    const chunk: Chunk = { ci: this.#ci.name, index, content, metadata };
    this.#subscriber.next(chunk);
  }

  #misanswered(message: string): void {
    this.#delivery = 'answered';
    this.fail(new ChoragusError('protocol_error', message));
  }

  #timeOut(phase: Phase, ms: number): void {
    this.fail(new ChoragusError('deadline_exceeded', `${misses[phase]} within ${ms} ms`, { phase }));
  }

  #phase(): Phase {
    if (this.#stage === 'waiting') return this.#ci.isLinked ? 'queue' : 'connect';
    if (this.#plan.manner === 'whole') return 'total';
    return this.#chunks === 0 ? 'first chunk' : 'idle';
  }

  /** Lets go of all that it holds, once. Returns false when it had ended before. */
  #leave(nowMs: number): boolean {
    const stage = this.#stage;
    if (stage === 'settled') return false;
    this.#stage = 'settled';
    if (this.#plan.signal !== undefined) this.#ci.aborts.remove(this.#plan.signal, this.#onAbort);
    this.#ci.unwatch(this);
    if (stage === 'waiting') this.#ci.leaveQueue(this);
    else (this.#session as Session).release(this.#number, stage, nowMs);
    return true;
  }

  #timings(nowMs: number): Timings {
    const totalMs = micro(nowMs - this.#startedMs);
    if (this.#session === undefined) {
      const isConnecting = !this.#ci.isLinked;
      return { queuedMs: isConnecting ? 0 : totalMs, connectMs: isConnecting ? totalMs : 0, serviceMs: 0, totalMs };
    }
    const waitedMs = this.#placedMs - this.#startedMs;
    const connectMs = Math.min(this.#connectMs, waitedMs);
    return {
      queuedMs: micro(waitedMs - connectMs),
      connectMs: micro(connectMs),
      serviceMs: micro(nowMs - this.#placedMs),
      totalMs,
    };
  }
}

const misses: Readonly<Record<Phase, string>> = {
  queue: 'no free place on a connection',
  connect: 'no connection',
  'first chunk': 'no first chunk',
  idle: 'no further chunk',
  total: 'no answer',
};

/** Milliseconds to the microsecond: what lies beyond is noise. */
function micro(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
