import { firstValueFrom, lastValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { CiOptions, Message, RequestContext, TraceCarrier } from '../../../src/index.js';
import { useChannels } from '../../support/record-channels.js';
import { answers, useVirtualStage } from '../../support/virtual-stage.js';

const stage = useVirtualStage();
const channels = useChannels();

const carrier = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'a="1"' };

/** Sets the carrier of all requests that begin. */
function carry(value: unknown): RequestContext[] {
  const contexts: RequestContext[] = [];
  channels.on('tracing:choragus:request:start', (message) => {
    const context = message as RequestContext;
    context.carrier = value as TraceCarrier;
    contexts.push(context);
  });
  return contexts;
}

/** Returns the frame that reaches the CI. */
async function sent(message: Message = 'hello', options: Partial<CiOptions> = { traceContext: true }) {
  const apollo = stage.ci('apollo', answers);
  const pool = stage.pool({ cis: { apollo: { url: apollo.url, ...options } } });
  await Promise.all([firstValueFrom(pool.ask('apollo', message)), stage.advance(50)]);
  return apollo.received.find(({ type }) => type === 'chat');
}

describe('the trace context of a line', () => {
  test('is its field _meta, if the CI has the option traceContext', async () => {
    const contexts = carry(carrier);
    expect(await sent()).toEqual({
      type: 'chat',
      content: 'hello',
      _meta: carrier,
      request_id: expect.any(String),
    });
    expect(contexts[0]?.carrier).toEqual(carrier);
  });

  test('is not sent to a CI without the option', async () => {
    carry(carrier);
    expect(await sent('hello', {})).not.toHaveProperty('_meta');
    expect(await sent('hello', { traceContext: false })).not.toHaveProperty('_meta');
  });

  test.each([
    undefined,
    'text',
    { traceparent: `${carrier.traceparent}"},"type":"evil` },
    { traceparent: `${carrier.traceparent}\n{"type":"evil"}` },
  ])('is not sent if it is %j', async (value) => {
    const contexts = carry(value);
    expect(await sent()).toEqual({ type: 'chat', content: 'hello', request_id: expect.any(String) });
    expect(contexts[0]?.carrier).toBeUndefined();
  });

  test('is not sent beside the own _meta of a message', async () => {
    carry(carrier);
    expect(await sent({ content: 'hello', _meta: { mine: 1 } })).toMatchObject({ _meta: { mine: 1 } });
  });

  test('is not sent if it would make the line too long', async () => {
    carry(carrier);
    const longest = 'x'.repeat(1_000 - 48 - '{"type":"chat","content":""'.length);
    expect(await sent(longest, { traceContext: true, maxRequestBytes: 1_000 })).not.toHaveProperty('_meta');
    expect(await sent(longest, { traceContext: true, maxRequestBytes: 1_200 })).toHaveProperty('_meta', carrier);
  });

  test('a change after the start has no effect', async () => {
    carry(carrier);
    channels.on('tracing:choragus:request:end', (message) => {
      (message as RequestContext).carrier = { traceparent: '"}\n' };
    });
    expect(await sent()).toHaveProperty('_meta', carrier);
  });

  test('is in streams and in requests of other types, each its own', async () => {
    let count = 0;
    channels.on('tracing:choragus:request:start', (message) => {
      count += 1;
      (message as RequestContext).carrier = { traceparent: carrier.traceparent.replace(/7-01$/, `${count}-01`) };
    });
    const apollo = stage.ci('apollo', ({ type, request_id }, peer) => {
      peer.send({ type: type === 'chat' ? 'stream_end' : `${type}_response`, request_id });
    });
    const pool = stage.pool({ cis: { apollo: { url: apollo.url, traceContext: true } } });
    const stream = lastValueFrom(pool.stream('apollo', 'hello'), { defaultValue: undefined });
    await Promise.all([stream, firstValueFrom(pool.request('apollo', { type: 'info' })), stage.advance(50)]);
    const carried = apollo.received.map(({ _meta }) => (_meta as TraceCarrier | undefined)?.traceparent.slice(-4));
    expect(carried).toEqual(['1-01', '2-01']);
  });
});
