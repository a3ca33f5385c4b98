import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
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
