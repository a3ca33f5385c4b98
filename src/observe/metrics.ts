import type { ConnectionState, Frame, Metrics } from '../contract/index.js';
import type { ChoragusError, Code, Delivery, Phase } from '../errors/index.js';
import type { StrayCounts } from '../protocol/awaiting.js';
import { Histogram } from './histogram.js';
import { TokenCounts } from './token-counts.js';

/** The durations of one CI, which are also recorded in those of the pool. */
export class Durations {
  readonly queue: Histogram;
  readonly connect: Histogram;
  readonly service: Histogram;
  /** From the subscription to the first chunk, of streams. */
  readonly firstChunk: Histogram;

  constructor(whole?: Durations) {
    this.queue = new Histogram(whole?.queue);
    this.connect = new Histogram(whole?.connect);
    this.service = new Histogram(whole?.service);
    this.firstChunk = new Histogram(whole?.firstChunk);
  }
}

/** The counters of one CI. They are plain numbers: a log line or a `tap` for each request costs half the throughput. */
export class CiMetrics implements StrayCounts {
  connects = 0;
  requests = 0;
  reuses = 0;
  succeeded = 0;
  cancelled = 0;
  chunks = 0;
  lateReplies = 0;
  duplicates = 0;
  unsolicited = 0;
  orderViolations = 0;
  retired = 0;
  idleCloses = 0;
  inputTokens = 0;
  outputTokens = 0;
  readonly failed: Partial<Record<Code, number>> = {};
  /** The same failures, by delivery and code. */
  readonly failedBy: Partial<Record<Delivery, Partial<Record<Code, number>>>> = {};
  readonly timeouts: Partial<Record<Phase, number>> = {};
  readonly reconnects: Record<string, number> = {};
  readonly stateMs: Record<ConnectionState, number> = noTime();
  readonly durations: Durations;
  /** From the subscription to the answer, of requests that succeeded. */
  readonly total = new Histogram();
  /** Undefined until an answer reports its tokens: most CIs never do. */
  inputPerAnswer: TokenCounts | undefined;
  outputPerAnswer: TokenCounts | undefined;
  /** What the reuses up to the last connect saved, in whole µs: sums of these are exact in any order. */
  #savedMicros = 0;
  /** The reuses that are counted in it. */
  #savedReuses = 0;

  constructor(durations = new Durations()) {
    this.durations = durations;
  }

  /** Returns the number of dropped frames, of all kinds. */
  get strayFrames(): number {
    return this.lateReplies + this.duplicates + this.unsolicited;
  }

  /** Returns the number of requests that ended with an error. */
  get failures(): number {
    let sum = 0;
    for (const code in this.failed) sum += this.failed[code as Code] as number;
    return sum;
  }

  /**
   * Returns what the reuses saved, in ms: for each, the mean connect time until then. It never falls, which a product
   * with the present mean would.
   */
  get connectMsSaved(): number {
    return this.#allSavedMicros / 1_000;
  }

  get #allSavedMicros(): number {
    const { meanMs } = this.durations.connect;
    return this.#savedMicros + Math.floor((this.reuses - this.#savedReuses) * meanMs * 1_000);
  }

  /** Counts a dial that succeeded. */
  countConnect(connectMs: number): void {
    this.#savedMicros = this.#allSavedMicros;
    this.#savedReuses = this.reuses;
    this.connects += 1;
    this.durations.connect.record(connectMs);
  }

  /** Counts the tokens that an answer cost, if its CI reports them. A number that no counter can hold is ignored. */
  countTokens({ usage }: Frame): void {
    if (typeof usage !== 'object' || usage === null) return;
    const { input_tokens: input, output_tokens: output } = usage as Frame;
    if (isTokens(input)) {
      this.inputTokens += input;
      this.inputPerAnswer ??= new TokenCounts();
      this.inputPerAnswer.record(input);
    }
    if (isTokens(output)) {
      this.outputTokens += output;
      this.outputPerAnswer ??= new TokenCounts();
      this.outputPerAnswer.record(output);
    }
  }

  /** Counts a request that ended with an error. */
  countFailure(error: ChoragusError): void {
    this.failed[error.code] = (this.failed[error.code] ?? 0) + 1;
    const { delivery } = error;
    const byCode = this.failedBy[delivery] ?? {};
    this.failedBy[delivery] = byCode;
    byCode[error.code] = (byCode[error.code] ?? 0) + 1;
    if (error.code === 'deadline_exceeded' && error.phase !== undefined) {
      this.timeouts[error.phase] = (this.timeouts[error.phase] ?? 0) + 1;
    }
  }

  /** Counts a failed dial or a lost link. */
  countLoss(reason: string): void {
    this.reconnects[reason] = (this.reconnects[reason] ?? 0) + 1;
  }

  /** Adds the counts of another CI, except its durations. `stateMs` is the time that it spent in each state. */
  addCounts(other: CiMetrics, stateMs: Metrics['stateMs'] = wholeMs(other.stateMs)): void {
    // Field by field: in a loop over the names, a snapshot of ten thousand CIs takes twice as long.
    this.connects += other.connects;
    this.requests += other.requests;
    this.reuses += other.reuses;
    this.succeeded += other.succeeded;
    this.cancelled += other.cancelled;
    this.chunks += other.chunks;
    this.lateReplies += other.lateReplies;
    this.duplicates += other.duplicates;
    this.unsolicited += other.unsolicited;
    this.orderViolations += other.orderViolations;
    this.retired += other.retired;
    this.idleCloses += other.idleCloses;
    this.inputTokens += other.inputTokens;
    this.outputTokens += other.outputTokens;
    this.#savedMicros += other.#allSavedMicros;
    this.#savedReuses += other.reuses;
    this.stateMs.idle += stateMs.idle;
    this.stateMs.connecting += stateMs.connecting;
    this.stateMs.healthy += stateMs.healthy;
    this.stateMs.degraded += stateMs.degraded;
    this.stateMs.retiring += stateMs.retiring;
    this.stateMs.reconnecting += stateMs.reconnecting;
    this.stateMs.closed += stateMs.closed;
    addRecord(this.failed, other.failed);
    addRecord(this.timeouts, other.timeouts);
    addRecord(this.reconnects, other.reconnects);
    for (const key in other.failedBy) {
      const delivery = key as Delivery;
      const into = this.failedBy[delivery] ?? {};
      this.failedBy[delivery] = into;
      addRecord(into, other.failedBy[delivery] ?? {});
    }
  }

  /** Adds a CI that has left: its counts, and the durations that are kept by CI only. */
  addLeft(other: CiMetrics): void {
    this.addCounts(other);
    this.total.add(other.total);
  }

  /** Returns the counts as plain data. `stateMs` is the time in each state, including the current ones. */
  summary(stateMs: Metrics['stateMs'] = { ...this.stateMs }): Metrics {
    return {
      connects: this.connects,
      requests: this.requests,
      reuses: this.reuses,
      reuseRatio: ratio(this.reuses, this.requests),
      requestsPerConnection: ratio(this.requests, this.connects),
      connectMsSaved: Math.round(this.connectMsSaved),
      succeeded: this.succeeded,
      failed: copyOf(this.failed),
      cancelled: this.cancelled,
      timeouts: copyOf(this.timeouts),
      chunks: this.chunks,
      lateReplies: this.lateReplies,
      duplicates: this.duplicates,
      unsolicited: this.unsolicited,
      orderViolations: this.orderViolations,
      reconnects: copyOf(this.reconnects),
      retired: this.retired,
      idleCloses: this.idleCloses,
      queueMs: this.durations.queue.summary(),
      connectMs: this.durations.connect.summary(),
      serviceMs: this.durations.service.summary(),
      stateMs,
    };
  }
}

function isTokens(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Returns 0 ms for each state. */
export function noTime(): Record<ConnectionState, number> {
  return { idle: 0, connecting: 0, healthy: 0, degraded: 0, retiring: 0, reconnecting: 0, closed: 0 };
}

/** Rounds to whole ms: small integers need no object, fractions do. */
export function wholeMs(ms: Readonly<Record<ConnectionState, number>>): Record<ConnectionState, number> {
  return {
    idle: Math.round(ms.idle),
    connecting: Math.round(ms.connecting),
    healthy: Math.round(ms.healthy),
    degraded: Math.round(ms.degraded),
    retiring: Math.round(ms.retiring),
    reconnecting: Math.round(ms.reconnecting),
    closed: Math.round(ms.closed),
  };
}

function addRecord<K extends string>(into: Partial<Record<K, number>>, from: Partial<Record<K, number>>): void {
  // Not `Object.keys`: a snapshot of ten thousand CIs would create forty thousand lists. These records inherit nothing.
  for (const key in from) into[key] = (into[key] ?? 0) + (from[key] ?? 0);
}

const NOTHING: Record<string, never> = Object.freeze({});

/** Returns a copy; one shared object for all empty records, which are most. */
function copyOf<T extends object>(record: T): T {
  for (const _ in record) return { ...record };
  return NOTHING as T;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000;
}
