import { describe, expect, test } from 'vitest';
import type { CiStatus, PoolSnapshot } from '../../../src/contract/index.js';
import { createPool } from '../../../src/create-pool.js';
import { showDrain, showTable, showTotals } from '../../../src/demo/show-metrics.js';
import { Screen } from '../../../src/terminal/screen.js';
import { CapturedOutput } from '../../support/captured-output.js';

const empty = createPool({ cis: { apollo: 'tcp://localhost:1', tekton_core: 'tcp://localhost:2' }, logger: false });

function snapshotWith(changes: Record<string, Partial<CiStatus>>): PoolSnapshot {
  const snapshot = empty.snapshot();
  const cis = Object.entries(snapshot.cis).map(([name, ci]) => [name, { ...ci, ...changes[name] }]);
  return { ...snapshot, cis: Object.fromEntries(cis) };
}

const busy = empty.snapshot().cis.apollo!.metrics;

describe('the table', () => {
  test('has a line for each CI, aligned, within 80 columns', () => {
    const output = new CapturedOutput();
    const serviceMs = { count: 2, p50: 41.4, p90: 43, p99: 1_400.6, max: 1_401 };
    const snapshot = snapshotWith({
      apollo: { state: 'healthy', metrics: { ...busy, connects: 1, requests: 2, reuses: 1, serviceMs } },
      tekton_core: {
        state: 'reconnecting',
        lastError: { code: 'deadline_exceeded', message: 'no answer', at: 0 },
      },
    });
    showTable(snapshot, new Screen(output, {}));
    expect(output.lines).toEqual([
      '  CI          state        connects requests reused p50  p99  last error',
      '  apollo      healthy             1        2      1  41 1401',
      '  tekton_core reconnecting        0        0      0   -    -  deadline_exceeded',
    ]);
    for (const line of output.lines) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe('the totals', () => {
  test('show what was sent, what failed and what was saved', () => {
    const output = new CapturedOutput();
    const metrics = {
      ...busy,
      connects: 18,
      requests: 34,
      reuses: 16,
      reuseRatio: 0.4706,
      succeeded: 31,
      connectMsSaved: 246,
      failed: { connection_lost: 1, unavailable: 3 },
    };
    showTotals(metrics, new Screen(output, {}));
    expect(output.lines).toEqual([
      '',
      '  34 requests were sent, over 18 connections; 31 were answered.',
      '  Failed, sent or not: 3 unavailable, 1 connection_lost.',
      '  16 (47 %) used an open connection, which saved 246 ms of connecting.',
    ]);
  });

  test('leave failures out if there are none', () => {
    const output = new CapturedOutput();
    showTotals(busy, new Screen(output, {}));
    expect(output.text).not.toContain('Failed');
  });

  test('show the result of the drain', () => {
    const output = new CapturedOutput();
    const screen = new Screen(output, {});
    showDrain({ finished: 0, cut: 0, durationMs: 3, cis: {} }, screen);
    showDrain({ finished: 2, cut: 1, durationMs: 1_000, cis: {} }, screen);
    expect(output.lines).toEqual([
      '  Drained and closed in 0.003 s; nothing was left to finish.',
      '  Drained and closed in 1.000 s; 2 requests finished, 1 cut.',
    ]);
  });
});
