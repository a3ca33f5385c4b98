import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { NodeTracerProvider, SimpleSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-node';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { createPool, type Pool } from '../../../src/index.js';
import { dialects, pieceOf } from '../../support/model-dialects.js';
import { ModelServer } from '../../support/model-server.js';
import { useTelemetry } from '../../support/otel.js';
import { useStage } from '../../support/stage.js';

const stage = useStage();
const telemetry = useTelemetry();

async function poolOf(handler: (content: string) => string | Promise<string> = (content) => content) {
  const ci = await stage.serve({ id: 'apollo', model: 'test:parrot', handler: ({ content }) => handler(content) });
  return stage.pool({ cis: { apollo: ci.url }, requestTimeoutMs: 5_000 });
}

const ask = (pool: Pool, content = 'hello') => firstValueFrom(pool.ask('apollo', content));

describe('the span of a request', () => {
  test('is a child of the active span, with the attributes of the conventions', async () => {
    const pool = await poolOf();
    telemetry.instrument(pool);
    await telemetry.within('parent', async () => {
      await ask(pool);
      await ask(pool, 'again');
    });
    const parent = telemetry.span('parent');
    const [first, second] = telemetry.spans;
    for (const span of [first, second]) {
      expect(span?.name).toBe('invoke_agent apollo');
      expect(span?.kind).toBe(SpanKind.CLIENT);
      expect(span?.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
      expect(span?.spanContext().traceId).toBe(parent.spanContext().traceId);
      expect(span?.status).toEqual({ code: SpanStatusCode.UNSET });
      expect(span?.attributes).toMatchObject({
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.provider.name': 'choragus',
        'gen_ai.agent.name': 'apollo',
        'server.address': '127.0.0.1',
        'server.port': expect.any(Number),
        'choragus.ci': 'apollo',
        'choragus.operation': 'ask',
        'choragus.connection': 'apollo#1',
        'choragus.delivery': 'answered',
        'choragus.outcome': 'answered',
      });
      expect(span?.events.map(({ name }) => name)).toEqual(['choragus.written']);
      expect(Object.values(span?.attributes ?? {})).not.toContain(undefined);
    }
    expect([first?.attributes['choragus.reused'], second?.attributes['choragus.reused']]).toEqual([false, true]);
  });

  test('contains no content, unless asked to', async () => {
    const pool = await poolOf(() => 'the secret answer');
    const quiet = telemetry.instrument(pool);
    await ask(pool, 'the secret question');
    expect(JSON.stringify([telemetry.spans[0]?.attributes, telemetry.spans[0]?.events])).not.toContain('secret');
    quiet.disable();
    telemetry.instrument(pool, { captureContent: true });
    const message = { content: 'the question', context: { system: 'be kind' }, temperature: 0.5, maxTokens: 9 };
    await firstValueFrom(pool.ask('apollo', message));
    const attributes = telemetry.spans[1]?.attributes ?? {};
    expect(attributes).toMatchObject({ 'gen_ai.request.temperature': 0.5, 'gen_ai.request.max_tokens': 9 });
    expect(JSON.parse(String(attributes['gen_ai.input.messages']))).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'the question' }] },
    ]);
    expect(JSON.parse(String(attributes['gen_ai.system_instructions']))).toEqual([
      { type: 'text', content: 'be kind' },
    ]);
    expect(JSON.parse(String(attributes['gen_ai.output.messages']))).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'the secret answer' }], finish_reason: 'stop' },
    ]);
  });

  test("has an error with our code, and without the peer's words", async () => {
    const pool = await poolOf(() => {
      throw new Error('the secret of the handler');
    });
    telemetry.instrument(pool);
    await expect(ask(pool)).rejects.toMatchObject({ code: 'ci_error' });
    const { status, attributes } = telemetry.span('invoke_agent apollo');
    expect(status.code).toBe(SpanStatusCode.ERROR);
    expect(status.message).not.toContain('secret');
    expect(attributes).toMatchObject({
      'error.type': 'ci_error',
      'choragus.delivery': 'answered',
      'choragus.phase': 'total',
      'choragus.outcome': 'failed',
    });
  });

  test('of a CI that cannot be reached says that nothing was sent', async () => {
    const pool = stage.pool({ cis: { apollo: 'tcp://127.0.0.1:1' } });
    telemetry.instrument(pool);
    await expect(ask(pool)).rejects.toThrow();
    const { attributes, events } = telemetry.span('invoke_agent apollo');
    expect(attributes).toMatchObject({ 'error.type': 'unavailable', 'choragus.delivery': 'not_sent' });
    expect(events).toEqual([]);
  });

  test('of a request that is unsubscribed is no error', async () => {
    const pool = await poolOf(() => new Promise(() => {}));
    telemetry.instrument(pool);
    const request = pool.ask('apollo', 'hello').subscribe();
    await vi.waitFor(() => expect(pool.snapshot().totals.metrics.requests).toBe(1));
    request.unsubscribe();
    const { status, attributes } = telemetry.span('invoke_agent apollo');
    expect(status.code).toBe(SpanStatusCode.UNSET);
    expect(attributes).toMatchObject({ 'choragus.outcome': 'cancelled', 'choragus.delivery': 'maybe_sent' });
    expect(attributes).not.toHaveProperty('error.type');
  });

  test('of another type is no operation of GenAI', async () => {
    const pool = await poolOf();
    telemetry.instrument(pool);
    await firstValueFrom(pool.request('apollo', { type: 'info' }));
    const { attributes } = telemetry.span('request apollo');
    expect(Object.keys(attributes).filter((name) => name.startsWith('gen_ai.'))).toEqual([]);
    expect(attributes).toMatchObject({ 'choragus.type': 'info', 'choragus.operation': 'request' });
  });

  test.each(['ollama', 'openai'] as const)(
    'of a model server (%s) has the model, its tokens and the first chunk',
    async (name) => {
      await using server = await ModelServer.listen();
      const dialect = dialects[name];
      server.onChat = (chat) => {
        const usage = JSON.stringify({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 7 } });
        const end = name === 'openai' ? dialect.line(usage) + dialect.end : dialect.end;
        void chat.send(pieceOf(dialect, 'one '), pieceOf(dialect, 'two'), end).then(() => chat.response.end());
      };
      await using pool = createPool({ logger: false, cis: { muse: dialect.url(server.port) } });
      telemetry.instrument(pool);
      await telemetry.within('parent', () => lastValueFrom(pool.stream('muse', 'hello').pipe(toArray())));
      const { attributes, events, parentSpanContext } = telemetry.span('chat llama3.2:3b');
      expect(parentSpanContext?.spanId).toBe(telemetry.span('parent').spanContext().spanId);
      expect(attributes).toMatchObject({
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': name,
        'gen_ai.request.model': 'llama3.2:3b',
        'gen_ai.response.model': 'llama3.2:3b',
        'gen_ai.request.stream': true,
        'gen_ai.usage.output_tokens': 7,
        'gen_ai.response.finish_reasons': ['stop'],
        'server.address': '127.0.0.1',
        'server.port': server.port,
      });
      expect(attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThan(0);
      expect(events.map((event) => event.name)).toEqual(['choragus.written', 'choragus.first_chunk']);
    },
  );
});

describe('a broadcast', () => {
  test('to 18 CIs has 18 spans under one parent, each with its true delivery', async () => {
    const answering = await stage.serve({ id: 'answers', handler: ({ content }) => content });
    const silent = await stage.scripted(() => {});
    const kinds = [answering.url, silent.url, 'tcp://127.0.0.1:1'] as const;
    const cis = Object.fromEntries(
      Array.from({ length: 18 }, (_, index) => [`ci-${index}`, kinds[index % 3] as string]),
    );
    const pool = stage.pool({ cis });
    await pool.warm(Object.keys(cis).filter((_, index) => index % 3 < 2));
    telemetry.instrument(pool);
    const outcomes = await telemetry.within('broadcast', () =>
      lastValueFrom(pool.broadcast('hello', { deadlineMs: 1_500 }).pipe(toArray())),
    );
    const parent = telemetry.span('broadcast').spanContext();
    const children = telemetry.spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent.spanId);
    expect(children).toHaveLength(18);
    const told = outcomes.map((outcome) => [outcome.ci, outcome.ok ? 'answered' : outcome.error.delivery]);
    const deliveries = Object.fromEntries(
      children.map(({ attributes }) => [attributes['choragus.ci'], attributes['choragus.delivery']]),
    );
    expect(deliveries).toEqual(Object.fromEntries(told));
    // The silent CI agrees: it has seen those that may have been sent, and no others.
    const asked = silent.received.filter(({ message }) => message.type === 'chat');
    const counted = (delivery: string) => Object.values(deliveries).filter((each) => each === delivery).length;
    expect(counted('maybe_sent')).toBe(asked.length);
    expect([counted('answered'), counted('maybe_sent'), counted('not_sent')]).toEqual([6, 6, 6]);
  });
});

describe('two instrumentations', () => {
  test('of one pool make one span for each request', async () => {
    const pool = await poolOf();
    telemetry.instrument(pool);
    telemetry.instrument();
    telemetry.instrument(pool);
    await ask(pool);
    expect(telemetry.spans.filter(({ name }) => name === 'invoke_agent apollo')).toHaveLength(2);
    // One for the client, and one for the server, which runs in this process, too.
    expect(telemetry.spans.map(({ kind }) => kind).sort()).toEqual([SpanKind.SERVER, SpanKind.CLIENT].sort());
  });

  test('of two pools see each their own', async () => {
    const [one, two] = [await poolOf(), await poolOf()];
    telemetry.instrument(one);
    await ask(two);
    expect(telemetry.spans).toEqual([]);
    await ask(one);
    expect(telemetry.spans).toHaveLength(1);
  });

  test('one that is disabled ends its open spans with their requests, and makes no more', async () => {
    let answer: (text: string) => void = () => {};
    const pool = await poolOf(() => new Promise((resolve) => (answer = resolve)));
    const instrumentation = telemetry.instrument(pool);
    const asked = ask(pool);
    await vi.waitFor(() => expect(pool.snapshot().totals.metrics.requests).toBe(1));
    instrumentation.disable();
    instrumentation.disable();
    const later = ask(pool, 'later');
    await vi.waitFor(() => expect(pool.snapshot().totals.metrics.requests).toBe(2));
    expect(telemetry.spans).toEqual([]);
    answer('now');
    await Promise.race([asked, later]);
    await pool.close({ drainTimeoutMs: 0 });
    await Promise.allSettled([asked, later]);
    expect(telemetry.spans).toHaveLength(1);
  });
});

describe('OpenTelemetry that throws', () => {
  const fault = vi.fn(() => {
    throw new Error('no');
  });
  const nothing: SpanProcessor = {
    onStart: () => {},
    onEnd: () => {},
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const faults: Readonly<Record<string, ConstructorParameters<typeof NodeTracerProvider>[0]>> = {
    'onStart of a span processor': { spanProcessors: [{ ...nothing, onStart: fault }] },
    'onEnd of a span processor': { spanProcessors: [{ ...nothing, onEnd: fault }] },
    'an exporter': {
      spanProcessors: [new SimpleSpanProcessor({ export: fault, shutdown: async () => {} })],
    },
    'a sampler': { sampler: { shouldSample: fault } },
  };

  test.each(Object.keys(faults))('%s: requests and served requests are not affected', async (name) => {
    fault.mockClear();
    const uncaught = vi.fn();
    process.on('uncaughtException', uncaught);
    const pool = await poolOf();
    telemetry.instrument(undefined, { tracerProvider: new NodeTracerProvider(faults[name]) });
    for (let time = 0; time < 3; time += 1) expect((await ask(pool)).content).toBe('hello');
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('uncaughtException', uncaught);
    expect(fault).toHaveBeenCalled();
    expect(uncaught).not.toHaveBeenCalled();
    expect(pool.snapshot().totals.metrics.succeeded).toBe(3);
  });
});
