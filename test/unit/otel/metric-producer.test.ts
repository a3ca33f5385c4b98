import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  type MetricProducer,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { describe, expect, test, vi } from 'vitest';
import type { Pool, Transport } from '../../../src/index.js';
import { type MetricProducerOptions, metricProducer } from '../../../src/otel/index.js';
import { prometheusText } from '../../../src/prometheus/index.js';
import { readSamples } from '../../support/read-samples.js';
import { type MemoryScript, useVirtualStage } from '../../support/virtual-stage.js';

const stage = useVirtualStage();
const ignored = { error: () => {} };

/** Collects with the SDK's own reader. */
async function collect(pool: Pool, options?: MetricProducerOptions): Promise<ResourceMetrics> {
  const producer: MetricProducer = metricProducer(pool, options);
  return (await readerOf(producer)()) as ResourceMetrics;
}

function readerOf(producer: MetricProducer): () => Promise<ResourceMetrics | undefined> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: 3_600_000,
    metricProducers: [producer],
  });
  const provider = new MeterProvider({ readers: [reader] });
  return async () => {
    await provider.forceFlush();
    const collected = exporter.getMetrics().at(-1);
    await provider.shutdown();
    return collected;
  };
}

const metricsOf = ({ scopeMetrics }: ResourceMetrics): readonly MetricData[] =>
  scopeMetrics.filter(({ scope }) => scope.name === 'choragus').flatMap(({ metrics }) => metrics);

/** Turns the metrics into samples as Prometheus names them, as its OTLP receiver does. */
function samplesOf(metrics: readonly MetricData[]): Map<string, number> {
  const labelNames: Readonly<Record<string, string>> = { 'error.type': 'code' };
  const samples = new Map<string, number>();
  const put = (name: string, labels: Record<string, string>, value: number): void => {
    samples.set(keyOf(name, labels), value);
  };
  for (const metric of metrics) {
    const { name, unit } = metric.descriptor;
    if (!name.startsWith('choragus.')) continue;
    const plain = `${name.replaceAll('.', '_')}${unit === 's' ? '_seconds' : ''}`;
    for (const { attributes, value } of metric.dataPoints) {
      const labels = Object.fromEntries(
        Object.entries(attributes).map(([key, text]) => [
          labelNames[key] ?? key.replace('choragus.', ''),
          String(text),
        ]),
      );
      if (typeof value === 'number') {
        put(metric.dataPointType === DataPointType.SUM ? `${plain}_total` : plain, labels, value);
        continue;
      }
      if (!('buckets' in value)) throw new Error('no explicit buckets');
      const { boundaries, counts } = value.buckets;
      let below = 0;
      for (const [index, count] of counts.entries()) {
        below += count;
        put(`${plain}_bucket`, { ...labels, le: String(boundaries[index] ?? '+Inf') }, below);
      }
      put(`${plain}_sum`, labels, value.sum ?? Number.NaN);
      put(`${plain}_count`, labels, value.count);
    }
  }
  return samples;
}

function keyOf(name: string, labels: Readonly<Record<string, string>>): string {
  return JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** The samples of choragus/prometheus, without those of the process. */
async function expectedOf(pool: Pool, maxCis?: number): Promise<Map<string, number>> {
  const { samples } = readSamples(await prometheusText(pool, { maxCis }));
  return new Map(
    samples
      .filter(({ name }) => !/event_loop_lag|build_info/.test(name))
      .map(({ name, labels, value }) => [keyOf(name, labels), value]),
  );
}

let answered = 0;
const mixed: MemoryScript = ({ type, content, stream, request_id }, peer) => {
  if (type === 'ping') return peer.send({ type: 'pong', request_id });
  answered += 1;
  if (answered % 7 === 0) return;
  if (answered % 5 === 0) return peer.send({ type: 'error', error: 'no', request_id });
  if (answered % 53 === 0) return peer.close();
  const usage = { input_tokens: answered % 70, output_tokens: answered % 300 };
  if (stream !== true) return peer.send({ type: 'chat_response', content, request_id, usage });
  peer.send({ type: 'stream_chunk', content: 'one', request_id });
  peer.send({ type: 'stream_end', request_id, usage });
};

/** A pool with requests of all ends, a CI that is down, a quarantined one, and a removed one. */
async function busyPool(): Promise<Pool> {
  answered = 0;
  const broken: Transport = {
    prepare: () => () => {
      throw new TypeError('a bug in the transport');
    },
  };
  const pool = stage.pool({
    cis: {
      apollo: stage.ci('apollo', mixed).url,
      hermes: stage.ci('hermes', mixed).url,
      leaves: stage.ci('leaves', mixed).url,
      athena: stage.ci('athena', mixed).url,
      nobody: 'memory://nobody',
      broken: 'broken://broken',
    },
    transports: { memory: stage.wire, broken },
    maxRestarts: 0,
    requestTimeoutMs: 100,
  });
  for (let round = 0; round < 60; round += 1) {
    for (const ci of pool.cis) {
      const request = pool.ask(ci, 'hello').subscribe(ignored);
      pool.stream(ci, 'hello').subscribe(ignored);
      if (round % 9 === 0) request.unsubscribe();
    }
    await stage.advance(20, 10);
    if (round === 40) void pool.remove('leaves');
  }
  await stage.advance(500, 50);
  pool.ask('apollo', 'in flight').subscribe(ignored);
  return pool;
}

describe('the metrics for OpenTelemetry', () => {
  test.each([undefined, 2, 0])('are those for Prometheus, sample by sample; maxCis %s', async (maxCis) => {
    const pool = await busyPool();
    const expected = await expectedOf(pool, maxCis);
    const metrics = metricsOf(await collect(pool, { maxCis }));
    const samples = samplesOf(metrics);
    expect(samples.size).toBeGreaterThan(100);
    expect(Object.fromEntries(samples)).toEqual(Object.fromEntries(expected));
  });

  test('count what the pool has counted', async () => {
    const pool = await busyPool();
    const samples = samplesOf(metricsOf(await collect(pool)));
    const { succeeded, cancelled, failed } = pool.snapshot().cis.apollo?.metrics ?? {};
    const outcome = (name: string) => samples.get(keyOf('choragus_requests_total', { ci: 'apollo', outcome: name }));
    expect(outcome('succeeded')).toBe(succeeded);
    expect(outcome('cancelled')).toBe(cancelled);
    expect(outcome('failed')).toBe(Object.values(failed ?? {}).reduce((sum, count) => sum + count, 0));
    expect(Number(succeeded) * Number(cancelled) * Number(outcome('failed'))).toBeGreaterThan(0);
  });

  test('have the duration and the tokens of the GenAI conventions', async () => {
    const pool = await busyPool();
    const metrics = metricsOf(await collect(pool));
    const duration = metrics.find(({ descriptor }) => descriptor.name === 'gen_ai.client.operation.duration');
    const usage = metrics.find(({ descriptor }) => descriptor.name === 'gen_ai.client.token.usage');
    const { succeeded } = pool.snapshot().cis.apollo?.metrics ?? {};
    expect([duration?.descriptor.unit, usage?.descriptor.unit]).toEqual(['s', '{token}']);
    const of = (metric: MetricData | undefined, type?: string) =>
      metric?.dataPoints.find(
        ({ attributes }) =>
          attributes['gen_ai.agent.name'] === 'apollo' &&
          (type === undefined || attributes['gen_ai.token.type'] === type),
      );
    expect(of(duration)).toMatchObject({
      attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.provider.name': 'choragus' },
      value: { count: succeeded },
    });
    const input = of(usage, 'input')?.value as { count: number; sum: number; buckets: { counts: number[] } };
    const output = of(usage, 'output')?.value as { count: number; sum: number };
    expect(input.count).toBe(succeeded);
    expect(input.buckets.counts.reduce((sum, count) => sum + count, 0)).toBe(input.count);
    const samples = samplesOf(metrics);
    expect(input.sum).toBe(samples.get(keyOf('choragus_tokens_total', { ci: 'apollo', direction: 'input' })));
    expect(output.sum).toBe(samples.get(keyOf('choragus_tokens_total', { ci: 'apollo', direction: 'output' })));
  });

  test('say since when they count: sums never begin after they are read', async () => {
    const pool = await busyPool();
    for (const { dataPoints, aggregationTemporality } of metricsOf(await collect(pool))) {
      expect(aggregationTemporality).toBe(AggregationTemporality.CUMULATIVE);
      for (const { startTime, endTime } of dataPoints) {
        expect(startTime[0]).toBeLessThanOrEqual(endTime[0]);
        expect(startTime[1]).toBeLessThan(1e9);
      }
    }
  });

  test('a pool that cannot be read costs the reader only this pool', async () => {
    const pool = stage.pool({ cis: {} });
    const producer = metricProducer(pool);
    vi.spyOn(Math, 'floor').mockImplementation(() => {
      throw new Error('no');
    });
    const { errors, resourceMetrics } = await producer.collect();
    vi.restoreAllMocks();
    expect([errors.length, resourceMetrics.scopeMetrics]).toEqual([1, []]);
  });

  test('of a closed pool are its last ones', async () => {
    const pool = await busyPool();
    await pool.close({ drainTimeoutMs: 0 });
    const samples = samplesOf(metricsOf(await collect(pool)));
    expect(samples.get(keyOf('choragus_in_flight', { ci: 'apollo' }))).toBe(0);
    expect(samples.get(keyOf('choragus_requests_total', { ci: 'apollo', outcome: 'succeeded' }))).toBeGreaterThan(0);
  });
});
