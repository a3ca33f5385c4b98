import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { type CiHandler, createPool, type ListenOptions, serveProxy } from '../../../src/index.js';
import { dialects, pieceOf } from '../../support/model-dialects.js';
import { ModelServer } from '../../support/model-server.js';
import { useTelemetry } from '../../support/otel.js';
import { useStage } from '../../support/stage.js';
import { connectTo } from '../../support/wire-client.js';

const stage = useStage();
const telemetry = useTelemetry();

const spanOf = (kind: SpanKind) => {
  const found = telemetry.spans.filter((span) => span.kind === kind && span.name.startsWith('invoke_agent'));
  expect(found).toHaveLength(1);
  return found[0] as (typeof found)[number];
};

/** A handler that makes a span of its own. */
const working: CiHandler = async ({ content }) => {
  const span = trace.getTracer('test').startSpan('work');
  await new Promise((resolve) => setImmediate(resolve));
  span.end();
  return content;
};

describe('a trace through serveCi', () => {
  test.each([
    ['TCP', {}],
    ['WebSocket', { webSocket: true }],
    ['a unix socket', { path: 'unix' }],
  ] as const)('over %s: caller, client, server and handler are one line of parents', async (_name, how) => {
    const listen: ListenOptions = 'path' in how ? { path: await stage.unixPath() } : how;
    const ci = await stage.serve({ id: 'apollo', handler: working, listen });
    const pool = stage.pool({ cis: { apollo: { url: ci.url, traceContext: true } } });
    telemetry.instrument();
    await telemetry.within('caller', () => firstValueFrom(pool.ask('apollo', 'hello')));
    await vi.waitFor(() => expect(telemetry.spans).toHaveLength(4));
    const line = [telemetry.span('caller'), spanOf(SpanKind.CLIENT), spanOf(SpanKind.SERVER), telemetry.span('work')];
    for (const [index, span] of line.entries()) {
      expect(span.parentSpanContext?.spanId).toBe(line[index - 1]?.spanContext().spanId);
      expect(span.spanContext().traceId).toBe(line[0]?.spanContext().traceId);
    }
    expect(spanOf(SpanKind.SERVER).attributes).toMatchObject({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'apollo',
      'choragus.ci': 'apollo',
      'choragus.outcome': 'answered',
    });
  });

  test('without the option traceContext the CI begins a trace of its own', async () => {
    const ci = await stage.serve({ id: 'apollo', handler: working });
    const pool = stage.pool({ cis: { apollo: ci.url } });
    telemetry.instrument();
    await firstValueFrom(pool.ask('apollo', 'hello'));
    await vi.waitFor(() => expect(telemetry.spans).toHaveLength(3));
    expect(spanOf(SpanKind.SERVER).parentSpanContext).toBeUndefined();
    expect(telemetry.span('work').parentSpanContext?.spanId).toBe(spanOf(SpanKind.SERVER).spanContext().spanId);
  });

  test('a stream of a generator: each piece is made in the span of the server', async () => {
    const handler: CiHandler = async function* () {
      for (const piece of ['one ', 'two']) {
        await new Promise((resolve) => setImmediate(resolve));
        yield `${piece}${trace.getSpan(context.active())?.spanContext().spanId}`;
      }
    };
    const ci = await stage.serve({ id: 'apollo', handler });
    const pool = stage.pool({ cis: { apollo: { url: ci.url, traceContext: true } } });
    telemetry.instrument();
    const pieces = await lastValueFrom(pool.stream('apollo', 'hello').pipe(toArray()));
    const id = spanOf(SpanKind.SERVER).spanContext().spanId;
    expect(pieces.map(({ content }) => content)).toEqual([`one ${id}`, `two${id}`]);
  });

  test('a handler that fails marks the span, without its message', async () => {
    const handler: CiHandler = () => {
      throw new TypeError('the secret');
    };
    const ci = await stage.serve({ id: 'apollo', handler });
    const pool = stage.pool({ cis: { apollo: ci.url } });
    telemetry.instrument();
    await expect(firstValueFrom(pool.ask('apollo', 'hello'))).rejects.toThrow();
    const { status, attributes } = spanOf(SpanKind.SERVER);
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'the handler failed' });
    expect(attributes).toMatchObject({ 'error.type': 'TypeError', 'choragus.outcome': 'failed' });
  });
});

describe('a trace context from outside', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const _meta = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };

  test('a client of another language is the parent', async () => {
    const ci = await stage.serve({ id: 'apollo', handler: working });
    telemetry.instrument();
    const client = await connectTo(ci.url);
    client.send({ type: 'chat', content: 'hello', request_id: 'a', _meta });
    await client.next();
    await client.close();
    expect(spanOf(SpanKind.SERVER).parentSpanContext).toMatchObject({ traceId, spanId: '00f067aa0ba902b7' });
  });

  test.each([{ traceparent: 'x' }, { traceparent: `${_meta.traceparent}\n` }, [], 'text', 7, null])(
    'a wrong one (%j) is ignored, and the request is answered',
    async (wrong) => {
      const ci = await stage.serve({ id: 'apollo', handler: working });
      telemetry.instrument();
      const client = await connectTo(ci.url);
      client.send({ type: 'chat', content: 'hello', request_id: 'a', _meta: wrong });
      expect(await client.next()).toMatchObject({ content: 'hello', request_id: 'a' });
      await client.close();
      expect(spanOf(SpanKind.SERVER).parentSpanContext).toBeUndefined();
    },
  );

  test('passes a proxy untouched, and the proxy itself is traced as carrying', async () => {
    const seen: unknown[] = [];
    const ci = await stage.serve({
      id: 'apollo',
      handler: ({ content, raw }) => {
        seen.push(raw._meta);
        return content;
      },
    });
    const pool = stage.pool({ cis: { apollo: { url: ci.url, traceContext: true } } });
    telemetry.instrument();
    await using proxy = await serveProxy(pool, { listen: { apollo: {} } });
    const client = await connectTo(String(proxy.urls.apollo));
    client.send({ type: 'chat', content: 'hello', request_id: 'a', _meta });
    expect(await client.next()).toMatchObject({ content: 'hello', request_id: 'a' });
    await client.close();
    expect(seen).toEqual([_meta]);
    await vi.waitFor(() => expect(telemetry.spans).toHaveLength(2));
    expect(spanOf(SpanKind.SERVER).spanContext().traceId).toBe(traceId);
    expect(spanOf(SpanKind.CLIENT).attributes['choragus.operation']).toBe('carry');
  });
});

describe('a trace to a model server', () => {
  test.each(['ollama', 'openai'] as const)('%s gets the headers, and nothing in the body', async (name) => {
    await using server = await ModelServer.listen();
    const dialect = dialects[name];
    server.onChat = (chat) => void chat.send(pieceOf(dialect, 'one'), dialect.end).then(() => chat.response.end());
    const url = dialect.url(server.port);
    await using pool = createPool({ logger: false, cis: { muse: url, quiet: { url, traceContext: false } } });
    telemetry.instrument();
    await telemetry.within('caller', async () => {
      await firstValueFrom(pool.ask('muse', 'hello'));
      await firstValueFrom(pool.ask('quiet', 'hello'));
    });
    const span = telemetry.spans.find(({ attributes }) => attributes['choragus.ci'] === 'muse');
    const { traceId, spanId } = span?.spanContext() ?? {};
    const [traced, quiet] = server.chats;
    expect(traced?.headers.traceparent).toBe(`00-${traceId}-${spanId}-01`);
    expect(quiet?.headers).not.toHaveProperty('traceparent');
    for (const { body } of server.chats) expect(body).not.toHaveProperty('_meta');
  });
});
