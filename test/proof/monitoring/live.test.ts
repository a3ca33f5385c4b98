import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { chorusCis } from '../../../src/demo/chorus-cis.js';
import type { PoolSnapshot } from '../../../src/index.js';
import { type ScriptedCi, scriptedCi } from '../../../src/testing/index.js';
import { alertExpressions, alertRules, panelQueries } from './dashboard.js';
import { isPrometheusMissing, type Prometheus, startPrometheus } from './prometheus-process.js';
import { startService } from './service.js';

const names = chorusCis.map(({ name }) => name as string);
const [KILLED = '', HUNG = ''] = names;
/** A minute of the rules is two seconds here: the scrapes come each second, not each half minute. */
const quickRules = alertRules
  .replace(/\b(\d+)m\b/g, (_, minutes) => `${Number(minutes) * 2}s`)
  .replace(/\b(\d+)h\b/g, (_, hours) => `${Number(hours) * 120}s`);
const quickly = (expression: string) => expression.replace(/\[(\d+)m\]/g, (_, minutes) => `[${Number(minutes) * 2}s]`);

/** The CIs that hang: they accept connections and read nothing. */
const hung = new Set<string>();

/** Starts a CI of the chorus that answers with tokens. */
function serve(name: string, port = 0): Promise<ScriptedCi> {
  return scriptedCi({
    id: name,
    listen: { port },
    script: {
      onConnection: (connection) => {
        if (hung.has(name)) connection.pause();
      },
      onRequest: (request) => {
        const usage = { input_tokens: 2, output_tokens: 3 };
        if (request.message.stream !== true) return request.reply({ type: 'chat_response', content: 'hi', usage });
        request.chunk('h');
        request.reply({ type: 'stream_end', usage });
      },
    },
  });
}

/** Settles once exactly these alerts fire. Fails at once if another one does. */
async function fire(prometheus: Prometheus, expected: readonly string[], withinMs: number): Promise<void> {
  const giveUpMs = performance.now() + withinMs;
  for (;;) {
    const alerts = await prometheus.alerts();
    const firing = alerts
      .filter(({ state }) => state === 'firing')
      .map(({ labels: { alertname, ci } }) => (ci === undefined ? alertname : `${alertname} ${ci}`))
      .sort();
    if (JSON.stringify(firing) === JSON.stringify([...expected].sort())) return;
    if (performance.now() > giveUpMs) throw new Error(`firing: ${firing.join(', ')}; expected: ${expected.join(', ')}`);
    await sleep(250);
  }
}

/** Compares what Prometheus has with what the pool itself counted. */
async function expectSameCounts(prometheus: Prometheus, { cis, totals }: PoolSnapshot): Promise<void> {
  const byLabels = async (name: string, ...labels: readonly string[]) =>
    Object.fromEntries(
      (await prometheus.query(name)).map((series) => [
        labels.map((label) => series.labels[label]).join(' '),
        series.value,
      ]),
    );
  const failuresOf = (ci: string) =>
    Object.values(cis[ci]?.metrics.failed ?? {}).reduce((sum, count) => sum + count, 0);
  const all = Object.entries(cis);
  expect(await byLabels('choragus_requests_total', 'ci', 'outcome')).toEqual(
    Object.fromEntries(
      all.flatMap(([ci, { metrics }]) => [
        [`${ci} succeeded`, metrics.succeeded],
        [`${ci} failed`, failuresOf(ci)],
        [`${ci} cancelled`, metrics.cancelled],
      ]),
    ),
  );
  expect(await byLabels('sum by (ci) (choragus_failures_total)', 'ci')).toEqual(
    Object.fromEntries(all.map(([ci]) => [ci, failuresOf(ci)])),
  );
  for (const [name, of] of [
    ['choragus_request_duration_seconds_count', ({ metrics }) => metrics.succeeded],
    ['choragus_written_requests_total', ({ metrics }) => metrics.requests],
    ['choragus_reused_requests_total', ({ metrics }) => metrics.reuses],
    ['choragus_in_flight', ({ inFlight }) => inFlight],
    ['choragus_waiting', ({ waiting }) => waiting],
  ] as readonly (readonly [string, (status: PoolSnapshot['cis'][string]) => number])[]) {
    expect(await byLabels(name, 'ci'), name).toEqual(Object.fromEntries(all.map(([ci, status]) => [ci, of(status)])));
  }
  const one = async (name: string) => (await prometheus.query(name))[0]?.value;
  expect(await one('choragus_connects_total')).toBe(totals.metrics.connects);
  expect(await one('choragus_late_replies_total')).toBe(totals.metrics.lateReplies);
  expect(await one('choragus_fence_violations_total')).toBe(totals.metrics.orderViolations);
  expect(await one('choragus_idle_closes_total')).toBe(totals.metrics.idleCloses);
  expect(await one('choragus_queue_duration_seconds_count')).toBe(totals.metrics.queueMs.count);
  expect(await one('choragus_connect_duration_seconds_count')).toBe(totals.metrics.connectMs.count);
}

describe.skipIf(isPrometheusMissing)("Prometheus (Debian's package) scrapes a service with 18 CIs each second", () => {
  test('its counts are those of the pool, its panels show what was done, and its alerts fire when they should', async () => {
    const cis = new Map<string, ScriptedCi>();
    for (const name of names) cis.set(name, await serve(name));
    const urls = Object.fromEntries([...cis].map(([name, { url }]) => [name, url]));
    await using service = await startService(urls, {
      requestTimeoutMs: 400,
      reconnectDelayMs: 200,
      maxReconnectDelayMs: 400,
    });
    await using prometheus = await startPrometheus(service.port, quickRules);
    try {
      await prometheus.scraped();
      await service.ask(20);
      await service.cancel('apollo', 3);
      await prometheus.scraped();
      const first = await service.snapshot();
      expect(first.totals.metrics.succeeded).toBe(18 * 20);
      await expectSameCounts(prometheus, first);
      const tokens = await prometheus.query('sum by (direction) (choragus_tokens_total)');
      expect(tokens.map(({ labels, value }) => [labels.direction, value])).toEqual([
        ['input', 18 * 20 * 2],
        ['output', 18 * 20 * 3],
      ]);
      expect((await prometheus.query('choragus_first_chunk_seconds_count'))[0]?.value).toBe(18 * 5);

      // Load, and nothing wrong.
      await service.load(180);
      await sleep(12_000);
      await fire(prometheus, [], 0);
      const quiet = await resultsOf(prometheus);
      expect(quiet.get('CIs up')).toEqual([18]);
      expect(quiet.get('CIs down')).toEqual([0]);
      expect(quiet.get('Failing')).toEqual([0]);
      expect(quiet.get('Quarantined')).toEqual([0]);
      const [perSecond = 0] = quiet.get('Requests') ?? [];
      expect(perSecond).toBeGreaterThan(120);
      expect(perSecond).toBeLessThan(200);
      for (const value of quiet.get('Reuse') ?? []) expect(value).toBe(1);
      expect(quiet.get('Duration, p99')?.length).toBe(18);
      for (const value of quiet.get('Duration, p99') ?? []) expect(value).toBeLessThan(0.4);

      // One CI is killed, and one hangs.
      const killedPort = cis.get(KILLED)?.port ?? 0;
      await cis.get(KILLED)?.close();
      hung.add(HUNG);
      for (const connection of cis.get(HUNG)?.connections ?? []) connection.pause();
      const trouble = [`ChoragusCiDown ${KILLED}`, `ChoragusFailing ${KILLED}`, `ChoragusFailing ${HUNG}`];
      await fire(prometheus, trouble, 45_000);
      // And no others, a while later.
      await sleep(3_000);
      await fire(prometheus, trouble, 1_000);
      const troubled = await resultsOf(prometheus);
      expect(troubled.get('CIs up')).toEqual([17]);
      expect(troubled.get('CIs down')).toEqual([1]);
      const [failing = 0] = troubled.get('Failing') ?? [];
      expect(failing).toBeGreaterThan(0.08);
      expect(failing).toBeLessThan(0.14);
      expect(Math.min(...(troubled.get('Up') ?? []))).toBe(0);

      // Both are back.
      cis.set(KILLED, await serve(KILLED, killedPort));
      hung.delete(HUNG);
      for (const connection of cis.get(HUNG)?.connections ?? []) connection.resume();
      await fire(prometheus, [], 60_000);
      await service.load(0);
      await sleep(600);
      await prometheus.scraped();
      const last = await service.snapshot();
      expect(last.cis[KILLED]?.metrics.failed.unavailable).toBeGreaterThan(10);
      expect(last.cis[HUNG]?.metrics.failed.deadline_exceeded).toBeGreaterThan(10);
      await expectSameCounts(prometheus, last);

      // The service is killed.
      await service.kill();
      await fire(prometheus, ['ChoragusNoScrape'], 30_000);
      await fire(prometheus, ['ChoragusNoScrape', 'ChoragusAbsent'], 60_000);
    } finally {
      for (const ci of cis.values()) await ci.close();
    }
  }, 300_000);
});

/** Asks each query of the dashboard and of the alerts. Returns the values of the panels. */
async function resultsOf(prometheus: Prometheus): Promise<ReadonlyMap<string, readonly number[]>> {
  const results = new Map<string, readonly number[]>();
  for (const { panel, expression } of panelQueries('6s')) {
    const values = (await prometheus.query(expression)).map(({ value }) => value);
    expect(values.length, `${panel}: ${expression}`).toBeGreaterThan(0);
    for (const value of values) expect(Number.isFinite(value) || Number.isNaN(value), `${panel}: ${value}`).toBe(true);
    results.set(panel, [...(results.get(panel) ?? []), ...values]);
  }
  for (const expression of alertExpressions.values()) await prometheus.query(quickly(expression));
  return results;
}
