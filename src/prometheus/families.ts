import type { ConnectionState } from '../contract/index.js';
import type { Histogram } from '../observe/histogram.js';
import type { CiMetrics, Durations } from '../observe/metrics.js';
import type { CiReading } from '../observe/watchable.js';

/** Receives one value of a family: `labels` are those besides `ci`, as the text has them. */
export type Add = (labels: string, value: number) => void;

interface Described {
  /** As the samples are named. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'info';
  readonly unit?: 'seconds';
  readonly labels: readonly string[];
  /** One sentence: the HELP line, and the meaning in the docs. */
  readonly help: string;
}

/** A counter of each CI. The CIs without a name of their own are added up. */
export interface CiCounter extends Described {
  readonly of: 'ci counter';
  read(metrics: CiMetrics, add: Add): void;
}

/** A state of each CI. `join` says what stands for the CIs without a name of their own. */
export interface CiGauge extends Described {
  readonly of: 'ci gauge';
  readonly join: 'sum' | 'least' | 'most';
  read(ci: CiReading, add: Add): void;
}

export interface CiHistogram extends Described {
  readonly of: 'ci histogram';
  read(metrics: CiMetrics): Histogram;
}

export interface PoolCounter extends Described {
  readonly of: 'pool counter';
  /** Returns a whole number: sums of these are exact in any order, so that they never fall. */
  read(metrics: CiMetrics): number;
  /** What the sum is divided by. Default: 1. */
  readonly divisor?: number;
}

export interface PoolHistogram extends Described {
  readonly of: 'pool histogram';
  read(durations: Durations): Histogram;
}

/** What is known of the process, not of a CI. */
export interface ProcessValue extends Described {
  readonly of: 'process';
  readonly value: 'lag' | 'version';
}

export type Family = CiCounter | CiGauge | CiHistogram | PoolCounter | PoolHistogram | ProcessValue;

/** The states that a connection in the list can have: a closed one is not in it. */
const states: readonly ConnectionState[] = ['idle', 'connecting', 'healthy', 'degraded', 'retiring', 'reconnecting'];
const stateLabels = states.map((state) => ({ state, label: `state="${state}"` }));

const knownLabels = new Map<string, string>();

/** Returns the labels of a failure. Made once for each: codes and deliveries are few. */
function failureLabels(code: string, delivery: string): string {
  const key = code + delivery;
  const labels = knownLabels.get(key) ?? `code="${code}",delivery="${delivery}"`;
  knownLabels.set(key, labels);
  return labels;
}

const seconds = { unit: 'seconds' } as const;
const ciCounter = (name: string, labels: readonly string[], help: string, read: CiCounter['read']): CiCounter => ({
  of: 'ci counter',
  type: 'counter',
  name,
  labels: ['ci', ...labels],
  help,
  read,
});
const ciGauge = (name: string, help: string, read: (ci: CiReading) => number): CiGauge => ({
  of: 'ci gauge',
  type: 'gauge',
  name,
  labels: ['ci'],
  help,
  join: 'sum',
  read: (ci, add) => add('', read(ci)),
});
const poolCounter = (name: string, help: string, read: PoolCounter['read']): PoolCounter => ({
  of: 'pool counter',
  type: 'counter',
  name,
  labels: [],
  help,
  read,
});
const poolHistogram = (name: string, help: string, read: PoolHistogram['read']): PoolHistogram => ({
  of: 'pool histogram',
  type: 'histogram',
  ...seconds,
  name,
  labels: [],
  help,
  read,
});

/** All families, in the order of the text and of the docs. */
export const families: readonly Family[] = [
  ciCounter(
    'choragus_requests_total',
    ['outcome'],
    'Requests that ended, by outcome: succeeded, failed, or cancelled by an unsubscribe.',
    (metrics, add) => {
      add('outcome="succeeded"', metrics.succeeded);
      add('outcome="failed"', metrics.failures);
      add('outcome="cancelled"', metrics.cancelled);
    },
  ),
  ciCounter(
    'choragus_failures_total',
    ['code', 'delivery'],
    'Requests that failed, by error code and by whether the CI can have seen them.',
    ({ failedBy }, add) => {
      // From 0 on, so that the first one is an increase.
      add('code="overloaded",delivery="not_sent"', failedBy.not_sent?.overloaded ?? 0);
      for (const [delivery, byCode] of Object.entries(failedBy)) {
        for (const [code, count] of Object.entries(byCode)) {
          if (code !== 'overloaded' || delivery !== 'not_sent') add(failureLabels(code, delivery), count);
        }
      }
    },
  ),
  {
    of: 'ci histogram',
    type: 'histogram',
    ...seconds,
    name: 'choragus_request_duration_seconds',
    labels: ['ci'],
    help: 'Time from the subscription to the whole answer, of requests that succeeded.',
    read: ({ total }) => total,
  },
  poolHistogram(
    'choragus_queue_duration_seconds',
    'Wait for a slot while a connection was up, of requests that succeeded.',
    ({ queue }) => queue,
  ),
  poolHistogram('choragus_connect_duration_seconds', 'Duration of dials that succeeded.', ({ connect }) => connect),
  poolHistogram(
    'choragus_first_chunk_seconds',
    'Time from the subscription to the first chunk, of streams.',
    ({ firstChunk }) => firstChunk,
  ),
  ciGauge('choragus_in_flight', 'Requests sent and not settled.', ({ inFlight }) => inFlight),
  ciGauge('choragus_waiting', 'Requests that wait for a slot.', ({ waiting }) => waiting),
  {
    of: 'ci gauge',
    type: 'gauge',
    name: 'choragus_connections',
    labels: ['ci', 'state'],
    help: 'Connections, by state.',
    join: 'sum',
    read: ({ connections }, add) => {
      for (const { state, label } of stateLabels) {
        let count = 0;
        for (const connection of connections) if (connection.state === state) count += 1;
        add(label, count);
      }
    },
  },
  {
    ...ciGauge(
      'choragus_ci_up',
      '0 while a connection is wanted and none is usable, from the first failed dial on; else 1, also for a CI that nobody has asked yet.',
      ({ downSince }) => (downSince === undefined ? 1 : 0),
    ),
    join: 'least',
  },
  ciCounter('choragus_written_requests_total', [], 'Requests that were written to a connection.', (metrics, add) =>
    add('', metrics.requests),
  ),
  ciCounter(
    'choragus_reused_requests_total',
    [],
    'Written requests that found a connection open: divided by the written ones, the reuse ratio.',
    (metrics, add) => add('', metrics.reuses),
  ),
  poolCounter('choragus_connects_total', 'Dials that succeeded.', ({ connects }) => connects),
  {
    ...poolCounter(
      'choragus_connect_seconds_saved_total',
      "For each reuse, the CI's mean connect time until then: what one connection for each request would have cost.",
      ({ connectMsSaved }) => Math.round(connectMsSaved * 1_000),
    ),
    ...seconds,
    divisor: 1e6,
  },
  poolCounter(
    'choragus_late_replies_total',
    'Replies to requests that had ended by a timeout or were cancelled; dropped.',
    ({ lateReplies }) => lateReplies,
  ),
  poolCounter(
    'choragus_fence_violations_total',
    'Answers without ids that came out of order; each closed its connection.',
    ({ orderViolations }) => orderViolations,
  ),
  poolCounter(
    'choragus_idle_closes_total',
    'Sockets that a model server closed with no request in flight: no failure.',
    ({ idleCloses }) => idleCloses,
  ),
  ciGauge(
    'choragus_quarantined',
    '1 while the CI is quarantined because its connections crashed too often.',
    ({ state }) => (state === 'quarantined' ? 1 : 0),
  ),
  ciCounter('choragus_tokens_total', ['direction'], 'Tokens, as the CIs report them.', (metrics, add) => {
    add('direction="input"', metrics.inputTokens);
    add('direction="output"', metrics.outputTokens);
  }),
  {
    ...ciGauge(
      'choragus_request_timeout_seconds',
      'The option requestTimeoutMs: the deadline of a request that sets none.',
      ({ limits }) => limits.requestTimeoutMs / 1_000,
    ),
    ...seconds,
    join: 'most',
  },
  {
    of: 'process',
    type: 'gauge',
    ...seconds,
    name: 'choragus_event_loop_lag_seconds',
    labels: [],
    help: 'Longest block of the event loop in the last 10 s, or since the last scrape if that is longer; not in the first scrape.',
    value: 'lag',
  },
  {
    of: 'process',
    type: 'info',
    name: 'choragus_build_info',
    labels: ['version'],
    help: 'Version of choragus; the value is 1.',
    value: 'version',
  },
];
