import type { ConnectionState, Metrics } from '../contract/index.js';
import type { ChoragusError, Code, Phase } from '../errors/index.js';
import type { StrayCounts } from '../protocol/awaiting.js';
import { Histogram } from './histogram.js';

/** What is counted of one CI: plain counters, since a log line or a `tap` a request costs half the throughput. */
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
  retired = 0;
  readonly failed: Partial<Record<Code, number>> = {};
  readonly timeouts: Partial<Record<Phase, number>> = {};
  readonly reconnects: Record<string, number> = {};
  readonly stateMs: Record<ConnectionState, number> = noTime();
  readonly queue = new Histogram();
  readonly connect = new Histogram();
  readonly service = new Histogram();

  /** Frames that were dropped, of all kinds. */
  get strayFrames(): number {
    return this.lateReplies + this.duplicates + this.unsolicited;
  }

  /** A request ended in an error. */
  countFailure(error: ChoragusError): void {
    this.failed[error.code] = (this.failed[error.code] ?? 0) + 1;
    if (error.code === 'deadline_exceeded' && error.phase !== undefined) {
      this.timeouts[error.phase] = (this.timeouts[error.phase] ?? 0) + 1;
    }
  }

  /** A dial failed, or a link was lost. */
  countLoss(reason: string): void {
    this.reconnects[reason] = (this.reconnects[reason] ?? 0) + 1;
  }

  /** Adds another CI's counts to these. */
  add(other: CiMetrics): void {
    for (const name of counters) this[name] += other[name];
    addRecord(this.failed, other.failed);
    addRecord(this.timeouts, other.timeouts);
    addRecord(this.reconnects, other.reconnects);
    addRecord(this.stateMs, other.stateMs);
    this.queue.add(other.queue);
    this.connect.add(other.connect);
    this.service.add(other.service);
  }

  /** As plain data; `runningMs` is the time spent so far in states that still last. */
  summary(runningMs: Readonly<Partial<Record<ConnectionState, number>>> = {}): Metrics {
    const stateMs = { ...this.stateMs };
    addRecord(stateMs, runningMs);
    return {
      connects: this.connects,
      requests: this.requests,
      reuses: this.reuses,
      reuseRatio: ratio(this.reuses, this.requests),
      requestsPerConnection: ratio(this.requests, this.connects),
      connectMsSaved: Math.round(this.reuses * this.connect.meanMs),
      succeeded: this.succeeded,
      failed: { ...this.failed },
      cancelled: this.cancelled,
      timeouts: { ...this.timeouts },
      chunks: this.chunks,
      lateReplies: this.lateReplies,
      duplicates: this.duplicates,
      unsolicited: this.unsolicited,
      reconnects: { ...this.reconnects },
      retired: this.retired,
      queueMs: this.queue.summary(),
      connectMs: this.connect.summary(),
      serviceMs: this.service.summary(),
      stateMs,
    };
  }
}

const counters = [
  'connects',
  'requests',
  'reuses',
  'succeeded',
  'cancelled',
  'chunks',
  'lateReplies',
  'duplicates',
  'unsolicited',
  'retired',
] as const;

/** A count of milliseconds for each state, all 0. */
export function noTime(): Record<ConnectionState, number> {
  return { idle: 0, connecting: 0, healthy: 0, degraded: 0, reconnecting: 0, closed: 0 };
}

function addRecord<K extends string>(into: Partial<Record<K, number>>, from: Partial<Record<K, number>>): void {
  for (const key of Object.keys(from) as K[]) into[key] = (into[key] ?? 0) + (from[key] ?? 0);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000;
}
