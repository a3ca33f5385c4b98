// Strict TypeScript with the installed package: everything in the contract.
import assert from 'node:assert/strict';
import {
  ChoragusError,
  type Chunk,
  createPool,
  deadline,
  noRetry,
  type Outcome,
  type Reply,
  serveCi,
  text,
  toAsyncIterable,
} from 'choragus';
import { type InspectorOptions, recordTo, startInspector } from 'choragus/inspector';
import { type InstrumentOptions, instrument, metricProducer } from 'choragus/otel';
import { contentTypes, type PrometheusOptions, prometheusHandler, prometheusText } from 'choragus/prometheus';
import { firstValueFrom, lastValueFrom, Observable, toArray } from 'rxjs';

const server = await serveCi({
  id: 'apollo',
  handler: async function* ({ content, isStream }) {
    if (!isStream) yield content;
    else yield* ['a', 'b', 'c'];
  },
});

{
  await using pool = createPool({
    cis: { apollo: server.url, athena: { url: 'tcp://localhost:1', requestTimeoutMs: 10_000 } },
    logger: false,
  });
  const watching: InspectorOptions = { port: 0, actions: false };
  await using inspector = await startInspector(pool, watching);
  assert.match(inspector.url, /^http:\/\/127\.0\.0\.1:\d+\/\?token=/);
  await using recorder = recordTo(pool, 'fleet.ndjson', { maxFiles: 2 });
  assert.equal(recorder.path, 'fleet.ndjson');
  const exported: PrometheusOptions = { maxCis: 50 };
  assert.equal(typeof prometheusHandler(pool, exported), 'function');
  assert.match(await prometheusText(pool, { ...exported, openMetrics: true }), /# EOF\n$/);
  assert.match(contentTypes.openMetrics, /version=1\.0\.0/);
  const traced: InstrumentOptions = { captureContent: false };
  using instrumentation = instrument(pool, traced);
  assert.equal(typeof instrumentation.disable, 'function');
  const { resourceMetrics } = await metricProducer(pool, { maxCis: 50 }).collect();
  assert.equal(resourceMetrics.scopeMetrics[0]?.scope.name, 'choragus');
  const changes: string[] = [];
  pool.states$.subscribe(({ ci, to }) => changes.push(`${ci} ${to}`));

  const reply$: Observable<Reply> = pool.ask('apollo', { content: 'one', temperature: 0.5, context: { a: 1 } });
  assert.ok(reply$ instanceof Observable);
  const reply = await firstValueFrom(reply$.pipe(deadline(5_000), noRetry()));
  assert.equal(reply.content, 'one');
  assert.equal(await firstValueFrom(pool.stream('apollo', 'slowly').pipe(text())), 'abc');
  const chunks: Chunk[] = [];
  for await (const chunk of toAsyncIterable(pool.stream('apollo', 'slowly'), { bufferSize: 16 })) chunks.push(chunk);
  assert.deepEqual(
    chunks.map(({ index }) => index),
    [0, 1, 2],
  );
  const info = await firstValueFrom(pool.request('apollo', { type: 'info' }));
  assert.equal(info.type, 'info_response');

  const outcomes: Outcome[] = await lastValueFrom(pool.broadcast('all').pipe(toArray()));
  for (const outcome of outcomes) {
    if (outcome.ok) assert.equal(outcome.reply.content, 'all');
    else assert.equal(outcome.error.delivery, 'not_sent');
  }
  const warmed = await pool.warm(['apollo']);
  assert.deepEqual(warmed.up, ['apollo']);
  const error = await firstValueFrom(pool.ask('nobody', 'x')).catch((failure: unknown) => failure);
  assert.ok(error instanceof ChoragusError && error.code === 'unknown_ci');
  pool.add('hermes', server.url);
  assert.equal((await firstValueFrom(pool.ask('hermes', 'two'))).content, 'two');
  await pool.remove('hermes');
  assert.equal(pool.snapshot().cis.apollo?.state, 'healthy');
  assert.ok(changes.includes('apollo healthy'));
}
await server.close();
console.log('strict TypeScript: ok');
