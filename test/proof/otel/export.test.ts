import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { metricProducer } from '../../../src/otel/index.js';
import { useTelemetry } from '../../support/otel.js';
import { useStage } from '../../support/stage.js';
import { attributesOf, Collector } from './collector.js';

const stage = useStage();
const telemetry = useTelemetry();

async function exporting(collector: Collector) {
  const exporter = new OTLPTraceExporter({ url: collector.url('traces'), timeoutMillis: 2_000 });
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  const ci = await stage.serve({ id: 'apollo', handler: ({ content }) => content });
  const pool = stage.pool({ cis: { apollo: { url: ci.url, traceContext: true }, nobody: 'tcp://127.0.0.1:1' } });
  telemetry.instrument(undefined, { tracerProvider: provider });
  return { provider, pool };
}

test('spans reach a collector over OTLP: names, kinds, parents, attributes, status', async () => {
  await using collector = await Collector.listen();
  const { provider, pool } = await exporting(collector);
  await firstValueFrom(pool.ask('apollo', 'hello'));
  await expect(firstValueFrom(pool.ask('nobody', 'hello'))).rejects.toThrow();
  await provider.forceFlush();
  await provider.shutdown();
  const client = collector.spans.find(({ kind }) => kind === 3);
  const server = collector.spans.find(({ kind }) => kind === 2);
  const failed = collector.spans.find(({ name }) => name === 'invoke_agent nobody');
  expect(collector.spans).toHaveLength(3);
  expect(client?.name).toBe('invoke_agent apollo');
  expect(client?.events.map(({ name }) => name)).toEqual(['choragus.written']);
  expect(attributesOf(client?.attributes ?? [])).toMatchObject({
    'gen_ai.operation.name': 'invoke_agent',
    'server.address': '127.0.0.1',
    'choragus.delivery': 'answered',
    'choragus.reused': false,
  });
  expect(server).toMatchObject({ traceId: client?.traceId, parentSpanId: client?.spanId });
  expect(failed?.status.code).toBe(2);
  expect(attributesOf(failed?.attributes ?? [])).toMatchObject({
    'error.type': 'unavailable',
    'choragus.delivery': 'not_sent',
  });
});

test('a collector that fails, or is not there, harms no request', async () => {
  const collector = await Collector.listen();
  collector.status = 500;
  const { provider, pool } = await exporting(collector);
  for (let time = 0; time < 20; time += 1) await firstValueFrom(pool.ask('apollo', 'hello'));
  await provider.forceFlush().catch(() => {});
  expect(collector.requests).toBeGreaterThan(0);
  await collector[Symbol.asyncDispose]();
  for (let time = 0; time < 20; time += 1) await firstValueFrom(pool.ask('apollo', 'hello'));
  await provider.shutdown().catch(() => {});
  expect(pool.snapshot().totals.metrics.succeeded).toBe(40);
});

test('metrics reach a collector over OTLP: the counts are those of the pool', async () => {
  await using collector = await Collector.listen();
  const { pool } = await exporting(collector);
  const exporter = new OTLPMetricExporter({ url: collector.url('metrics'), timeoutMillis: 2_000 });
  const metricProducers = [metricProducer(pool)];
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000, metricProducers });
  const meters = new MeterProvider({ readers: [reader] });
  for (let time = 0; time < 5; time += 1) await firstValueFrom(pool.ask('apollo', 'hello'));
  await expect(firstValueFrom(pool.ask('nobody', 'hello'))).rejects.toThrow();
  await meters.forceFlush();
  await meters.shutdown();
  const named = (name: string) => collector.metrics.find((metric) => metric.name === name);
  const points = named('choragus.requests')?.sum?.dataPoints.map(({ attributes, asDouble, asInt }) => [
    ...Object.values(attributesOf(attributes)),
    Number(asDouble ?? asInt),
  ]);
  expect(points).toEqual(
    expect.arrayContaining([
      ['apollo', 'succeeded', 5],
      ['apollo', 'failed', 0],
      ['nobody', 'succeeded', 0],
      ['nobody', 'failed', 1],
    ]),
  );
  expect(named('choragus.requests')?.sum).toMatchObject({ isMonotonic: true, aggregationTemporality: 2 });
  const [duration] = named('gen_ai.client.operation.duration')?.histogram?.dataPoints ?? [];
  expect(attributesOf(duration?.attributes ?? [])).toMatchObject({ 'gen_ai.agent.name': 'apollo' });
  expect(Number(duration?.count)).toBe(5);
  expect(duration?.bucketCounts.reduce<number>((sum, count) => sum + Number(count), 0)).toBe(5);
  expect(duration?.bucketCounts).toHaveLength((duration?.explicitBounds.length ?? 0) + 1);
  expect(duration?.sum).toBeGreaterThan(0);
});
