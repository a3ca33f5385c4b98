import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChoragusError, codes, type Phase } from '../../../src/errors/index.js';
import { CiMetrics, Durations, noTime } from '../../../src/observe/metrics.js';

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
  'orderViolations',
  'retired',
  'idleCloses',
  'inputTokens',
  'outputTokens',
] as const;
/** Those that a summary has. */
const shown = counters.filter((name) => !name.endsWith('Tokens'));

const phases: readonly Phase[] = ['queue', 'connect', 'first chunk', 'idle', 'total'];
const timeout = (phase?: Phase) => new ChoragusError('deadline_exceeded', 'no answer', { phase });

/** Metrics in which every count is a different number, from `start` on. */
function filled(start: number): CiMetrics {
  const metrics = new CiMetrics();
  counters.forEach((name, index) => {
    metrics[name] = start + index;
  });
  for (const code of codes) metrics.countFailure(new ChoragusError(code, 'failed'));
  metrics.countFailure(timeout('total'));
  metrics.countLoss('unavailable');
  metrics.stateMs.healthy = start;
  metrics.durations.queue.record(start);
  metrics.durations.connect.record(start);
  metrics.durations.service.record(start);
  return metrics;
}

describe('a summary', () => {
  test('of no metrics is all zeros', () => {
    const none = { count: 0, p50: 0, p90: 0, p99: 0, max: 0 };
    expect(new CiMetrics().summary()).toEqual({
      ...Object.fromEntries(shown.map((name) => [name, 0])),
      reuseRatio: 0,
      requestsPerConnection: 0,
      connectMsSaved: 0,
      failed: {},
      timeouts: {},
      reconnects: {},
      queueMs: none,
      connectMs: none,
      serviceMs: none,
      stateMs: noTime(),
    });
  });

  test('shows every counter', () => {
    expect(filled(10)).toMatchObject(Object.fromEntries(counters.map((name, index) => [name, 10 + index])));
  });

  test('has the ratios of reuse', () => {
    const metrics = new CiMetrics();
    Object.assign(metrics, { connects: 4, requests: 100, reuses: 97 });
    expect(metrics.summary()).toMatchObject({ reuseRatio: 0.97, requestsPerConnection: 25 });
  });

  test('shows the cost of a connect for each message', () => {
    const metrics = new CiMetrics();
    metrics.reuses = 10;
    for (const ms of [2, 4, 6]) metrics.durations.connect.record(ms);
    expect(metrics.summary().connectMsSaved).toBe(40);
  });

  test('shows the given times in states, and does not keep them for the next summary', () => {
    const metrics = new CiMetrics();
    metrics.stateMs.healthy = 100;
    const stateMs = { ...noTime(), healthy: 120, degraded: 5 };
    expect(metrics.summary(stateMs).stateMs).toEqual(stateMs);
    expect(metrics.summary().stateMs).toEqual({ ...noTime(), healthy: 100 });
  });

  test('is a copy, and plain data', () => {
    const metrics = filled(3);
    const summary = metrics.summary();
    const before = JSON.stringify(summary);
    metrics.addCounts(filled(5));
    expect(JSON.stringify(summary)).toBe(before);
    expect(JSON.parse(before)).toEqual(summary);
  });
});

describe('failures', () => {
  test('are counted by code', () => {
    const metrics = new CiMetrics();
    for (const code of codes) metrics.countFailure(new ChoragusError(code, 'failed'));
    metrics.countFailure(new ChoragusError('ci_error', 'failed'));
    expect(metrics.summary().failed).toEqual({ ...Object.fromEntries(codes.map((code) => [code, 1])), ci_error: 2 });
  });

  test('that are timeouts are counted by phase, too', () => {
    const metrics = new CiMetrics();
    for (const phase of [...phases, 'idle'] as const) metrics.countFailure(timeout(phase));
    expect(metrics.summary().timeouts).toEqual({ queue: 1, connect: 1, 'first chunk': 1, idle: 2, total: 1 });
    expect(metrics.summary().failed).toEqual({ deadline_exceeded: 6 });
  });

  test('that are no timeouts count in no phase', () => {
    const metrics = new CiMetrics();
    metrics.countFailure(new ChoragusError('unavailable', 'down', { phase: 'connect' }));
    metrics.countFailure(timeout());
    expect(metrics.summary().timeouts).toEqual({});
  });

  test('are counted by delivery and code, too', () => {
    const metrics = new CiMetrics();
    for (const delivery of ['not_sent', 'not_sent', 'answered'] as const) {
      metrics.countFailure(new ChoragusError('ci_error', 'failed', { delivery }));
    }
    metrics.countFailure(new ChoragusError('closed', 'failed', { delivery: 'not_sent' }));
    expect(metrics.failedBy).toEqual({ not_sent: { ci_error: 2, closed: 1 }, answered: { ci_error: 1 } });
  });

  test('of links are counted by reason', () => {
    const metrics = new CiMetrics();
    for (const reason of ['connection_lost', 'connect_timeout', 'connection_lost']) metrics.countLoss(reason);
    expect(metrics.summary().reconnects).toEqual({ connection_lost: 2, connect_timeout: 1 });
  });

  test('strayFrames is the sum of all dropped frames', () => {
    const metrics = new CiMetrics();
    Object.assign(metrics, { lateReplies: 1, duplicates: 2, unsolicited: 4 });
    expect(metrics.strayFrames).toBe(7);
  });
});

describe('what reuse saves', () => {
  /** Connects by their duration in ms, and reuses in between. */
  const acts = fc.array(fc.oneof(fc.double({ min: 0, max: 500, noNaN: true }), fc.constant('reuse' as const)), {
    maxLength: 60,
  });
  const play = (metrics: CiMetrics, list: readonly (number | 'reuse')[]): void => {
    for (const act of list) {
      if (act === 'reuse') metrics.reuses += 1;
      else metrics.countConnect(act);
    }
  };

  test('is for each reuse the mean connect time until then', () => {
    const metrics = new CiMetrics();
    play(metrics, [100, 'reuse', 'reuse', 20, 'reuse']);
    expect([metrics.connectMsSaved, metrics.connects, metrics.durations.connect.count]).toEqual([260, 2, 2]);
  });

  test('never falls, and is the same sum in whatever order CIs leave', () => {
    fc.assert(
      fc.property(fc.array(acts, { maxLength: 5 }), (lists) => {
        const cis = lists.map((list) => {
          const metrics = new CiMetrics();
          let before = 0;
          for (const act of list) {
            play(metrics, [act]);
            expect(metrics.connectMsSaved).toBeGreaterThanOrEqual(before);
            before = metrics.connectMsSaved;
          }
          return metrics;
        });
        const sumOf = (all: readonly CiMetrics[]): number => {
          const sum = new CiMetrics();
          for (const one of all) sum.addCounts(one);
          return sum.connectMsSaved;
        };
        expect(sumOf(cis)).toBe(sumOf(cis.toReversed()));
        expect(sumOf(cis)).toBeCloseTo(
          cis.reduce((sum, { connectMsSaved }) => sum + connectMsSaved, 0),
          6,
        );
      }),
    );
  });
});

describe('tokens', () => {
  test('are counted as the CI reports them', () => {
    const metrics = new CiMetrics();
    metrics.countTokens({ usage: { input_tokens: 7, output_tokens: 0 } });
    metrics.countTokens({ usage: { output_tokens: 5, total_tokens: 99 } });
    expect([metrics.inputTokens, metrics.outputTokens]).toEqual([7, 5]);
  });

  test.each([
    ['no usage', undefined],
    ['null', null],
    ['a text', 'many'],
    ['negative', -1],
    ['a fraction', 0.5],
    ['a text of digits', '5'],
    ['more than a counter holds', 1e300],
    ['infinite', Number.POSITIVE_INFINITY],
    ['not a number', Number.NaN],
  ])('that no counter can hold are ignored: %s', (_name, value) => {
    const metrics = new CiMetrics();
    metrics.countTokens({ usage: { input_tokens: 1, output_tokens: 2 } });
    metrics.countTokens({ usage: value });
    metrics.countTokens({ usage: { input_tokens: value, output_tokens: value } });
    expect([metrics.inputTokens, metrics.outputTokens]).toEqual([1, 2]);
  });
});

describe('addCounts', () => {
  test('sums all counters, but not the durations', () => {
    const total = filled(10);
    total.addCounts(filled(1_000));
    const summary = total.summary();
    const sums = Object.fromEntries(counters.map((name, index) => [name, 1_010 + 2 * index]));
    expect(total).toMatchObject(sums);
    expect(summary).toMatchObject(Object.fromEntries(shown.map((name) => [name, sums[name]])));
    expect(total.failedBy).toEqual({ maybe_sent: summary.failed });
    expect(summary.failed).toEqual({ ...Object.fromEntries(codes.map((code) => [code, 2])), deadline_exceeded: 4 });
    expect(summary.timeouts).toEqual({ total: 2 });
    expect(summary.reconnects).toEqual({ unavailable: 2 });
    expect(summary.stateMs.healthy).toBe(1_010);
    for (const name of ['queueMs', 'connectMs', 'serviceMs'] as const) {
      expect(summary[name]).toMatchObject({ count: 1, max: 10 });
    }
  });

  test('leaves the source unchanged', () => {
    const other = filled(5);
    const before = other.summary();
    const total = new CiMetrics();
    total.addCounts(other);
    total.addCounts(other);
    total.countLoss('unavailable');
    expect(other.summary()).toEqual(before);
  });

  test('the ratios come from the sums, and are not sums of ratios', () => {
    const total = new CiMetrics();
    for (const reuses of [0, 9]) total.addCounts(Object.assign(new CiMetrics(), { connects: 1, requests: 10, reuses }));
    expect(total.summary()).toMatchObject({ reuseRatio: 0.45, requestsPerConnection: 10 });
  });
});

describe('durations', () => {
  test('of a part count in the total, too', () => {
    const whole = new Durations();
    const parts = [new CiMetrics(new Durations(whole)), new CiMetrics(new Durations(whole))] as const;
    parts[0].durations.service.record(10);
    parts[1].durations.service.record(20);
    parts[1].durations.queue.record(1);
    expect(parts.map((part) => part.summary().serviceMs.count)).toEqual([1, 1]);
    const summary = new CiMetrics(whole).summary();
    expect(summary.serviceMs).toMatchObject({ count: 2, max: 20 });
    expect(summary.queueMs).toMatchObject({ count: 1, max: 1 });
    expect(summary.connectMs.count).toBe(0);
  });
});
