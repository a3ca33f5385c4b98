import { describe, expect, test } from 'vitest';
import {
  createPool,
  type Message,
  openAiTransport,
  type RequestOptions,
  readEnvironment,
  type Target,
  type WireMessage,
} from '../../../src/index.js';
import { answers, useVirtualStage } from '../../support/virtual-stage.js';
import { watch } from '../../support/watch.js';

const stage = useVirtualStage();

/** An object whose field returns these values one after the other, then always the last one. */
function changing<T extends object>(name: string, ...values: readonly unknown[]): T {
  let reads = 0;
  const get = (): unknown => {
    reads += 1;
    return values[Math.min(reads, values.length) - 1];
  };
  return Object.defineProperty({}, name, { get, enumerable: true }) as T;
}

/** Sends the message. Returns what reached the CI, or the failure. */
async function sent(message: Message, options?: RequestOptions): Promise<unknown> {
  const apollo = stage.ci('apollo', answers);
  const asked = watch(stage.pool({ cis: { apollo: apollo.url } }).ask('apollo', message, options));
  await asked.ended;
  const [first] = apollo.received;
  return asked.outcome === 'reply' ? first : `${asked.error?.message}`;
}

class Question {
  readonly mood = 'calm';
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get content(): string {
    return this.#text;
  }
}

class Note {
  readonly content: string;

  constructor(content: string) {
    this.content = content;
  }

  toJSON(): object {
    return { content: 'something else' };
  }
}

describe('a message is read once: the checked value is the one that is sent', () => {
  test('an inherited content is refused by name: JSON would not send it', async () => {
    const inherited = 'an object with such a string as its own content';
    expect(await sent(new Question('hello') as unknown as Message)).toContain(inherited);
    expect(await sent(Object.create({ content: 'hello' }) as Message)).toContain(inherited);
  });

  test('an instance of a class with its own content is sent by its fields', async () => {
    expect(await sent(new Note('hello') as unknown as Message)).toMatchObject({ type: 'chat', content: 'hello' });
  });

  test('a content getter that changes is read once', async () => {
    expect(await sent(changing<{ content: string }>('content', 'first', 7, ''))).toMatchObject({ content: 'first' });
    expect(await sent(changing<{ content: string }>('content', 7, 'second'))).toContain('[invalid_config]');
  });

  test('a proxy that answers differently each time is read once', async () => {
    let reads = 0;
    const target = { content: 'hello', type: 'chat' };
    const proxy = new Proxy(target, {
      get: (object, name) => {
        if (name !== 'content') return Reflect.get(object, name);
        reads += 1;
        return reads === 1 ? 'first' : undefined;
      },
    });
    expect(await sent(proxy)).toMatchObject({ content: 'first' });
    expect(reads).toBe(1);
  });

  test('a type getter that changes is read once', async () => {
    const apollo = stage.ci('apollo', answers);
    const pool = stage.pool({ cis: { apollo: apollo.url } });
    const message = changing<WireMessage>('type', 'ping', 'shutdown');
    await watch(pool.request('apollo', message)).ended;
    expect(apollo.received).toMatchObject([{ type: 'ping' }]);
    const asStream = Object.assign(changing<WireMessage>('stream', false, true), { type: 'info' });
    await watch(pool.request('apollo', asStream)).ended;
    expect(apollo.received[1]).toMatchObject({ type: 'info', stream: false });
  });

  test('fields of a message that JSON would change are refused by name', async () => {
    const say = (more: object) => sent({ content: 'hello', ...more } as Message);
    expect(await say({ temperature: Number.NaN })).toContain('temperature of a message is NaN');
    expect(await say({ maxTokens: 0.5 })).toContain('maxTokens of a message is 0.5');
    expect(await say({ context: new Map([['a', 1]]) })).toContain('context of a message is an object');
    expect(await say({ context: 'a secret' })).toContain('context of a message is a string: use a plain object');
    expect(await say({ temperature: 0, maxTokens: 1, context: { a: 1 } })).toMatchObject({ max_tokens: 1 });
  });
});

/** A transport that carries messages, as those of model servers do, and records each call of its check. */
function carrying(asked: unknown[]) {
  const { wire } = stage;
  const refusal = (message: Partial<WireMessage>): undefined => {
    asked.push(message.messages, message.n);
  };
  return { ...wire, refusal };
}

describe('messages of a conversation', () => {
  async function sentOf(messages: unknown, more: object = {}) {
    const apollo = stage.ci('apollo', answers);
    const asked: unknown[] = [];
    const pool = stage.pool({ cis: { apollo: apollo.url }, transports: { memory: carrying(asked) } });
    const watched = watch(pool.ask('apollo', { messages, ...more } as Message));
    await watched.ended;
    return { sent: apollo.received[0]?.messages, asked, error: watched.error?.message };
  }

  test('getters that change are read once, by the transport, too', async () => {
    const entry = Object.assign(changing<{ content: string }>('content', 'first', 'second'), { role: 'user' });
    const { sent: received, asked } = await sentOf([entry], changing('n', 1, 5));
    expect(received).toEqual([{ role: 'user', content: 'first' }]);
    expect(asked).toEqual([[{ role: 'user', content: 'first' }], 1]);
  });

  test.each<[string, unknown]>([
    ['a date, which JSON converts to a text', new Date(0)],
    ['a Map', new Map([['role', 'user']])],
    ['inherited fields', Object.create({ role: 'user' })],
    ['an object with a toJSON', { role: 'user', content: 'x', toJSON: () => 'y' }],
    ['nothing', {}],
  ])('rejects %s', async (_name, entry) => {
    const { sent: received, error } = await sentOf([{ role: 'user', content: 'a' }, entry]);
    expect([received, error]).toEqual([undefined, expect.stringContaining('with messages')]);
  });
});

describe('options are read once', () => {
  test('of a request', async () => {
    expect(await sent('hello', changing('deadlineMs', 50, -1, Number.NaN))).toMatchObject({ content: 'hello' });
    expect(await sent('hello', changing('deadlineMs', -1, 50))).toContain('deadlineMs is -1');
  });

  test('of a broadcast, even if its list of names changes afterwards', async () => {
    const apollo = stage.ci('apollo', answers);
    const athena = stage.ci('athena', answers);
    const pool = stage.pool({ cis: { apollo: apollo.url, athena: athena.url } });
    const to = ['apollo'];
    const outcomes = watch(pool.broadcast('hello', { to }));
    const later = pool.broadcast('later', Object.assign(changing('to', to, 'athena'), { deadlineMs: 100 }));
    to[0] = 'nobody';
    await outcomes.ended;
    const asked = watch(later);
    await asked.ended;
    expect([...outcomes.values, ...asked.values]).toMatchObject([
      { ci: 'apollo', ok: true },
      { ci: 'apollo', ok: true },
    ]);
    expect(athena.peers).toHaveLength(0);
  });

  test('of a pool and of its CIs', () => {
    const apollo = stage.ci('apollo');
    const cis = { apollo: changing<{ url: string }>('url', apollo.url, 5) };
    const pool = stage.pool(Object.assign(changing<object>('maxConnections', 2, 'many'), { cis }));
    expect(pool.snapshot().cis.apollo?.url).toBe(apollo.url);
    const once = changing<object>('logger', false, 'loud');
    expect(() => createPool(once)).not.toThrow();
  });

  test('of the environment', () => {
    expect(readEnvironment(changing('APOLLO_PORT', '8012', 5)).cis?.apollo).toBe('tcp://localhost:45012');
  });

  test('of a transport, which keeps its first values', () => {
    const headers: Record<string, string> = { 'x-tenant': 'blue' };
    const transport = openAiTransport({ headers });
    headers['x-tenant'] = 'a line\nend';
    const target: Target = { ci: 'muse', url: 'openai+http://localhost:1/model', maxReplyBytes: 1_000 };
    expect(() => transport.prepare(target)).not.toThrow();
  });
});
