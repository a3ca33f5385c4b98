import { describe, expect, test } from 'vitest';
import { ChoragusError } from '../../../src/errors/index.js';
import { createTektonClient, type TektonClient } from '../../../src/tekton/index.js';
import { fixture } from './fixture.js';

const cis = { apollo: 'tcp://localhost:45012' };
const thrower = (): never => {
  throw new TypeError('a trap');
};
const traps = {
  get: thrower,
  ownKeys: thrower,
  getPrototypeOf: thrower,
  has: thrower,
  getOwnPropertyDescriptor: thrower,
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();

/** Values that are wrong for every argument; each test adds those that are wrong for its own. */
const wrong: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['NaN', Number.NaN],
  ['-1', -1],
  ['1.5', 1.5],
  ['a bigint', 10n ** 60n],
  ['a symbol', Symbol('content')],
  ['a function', thrower],
  ['a class', class {}],
  ['a list', ['apollo']],
  ['a Map', new Map([['timeout', 5]])],
  ['a Set', new Set(['apollo'])],
  ['a Date', new Date(0)],
  ['a RegExp', /apollo/],
  ['an Error', new Error('content')],
  ['a Promise', Promise.resolve('apollo')],
  ['a String object', new String('apollo')],
  ['a Number object', new Number(45012)],
  ['bytes', new Uint8Array(2)],
  ['an instance of a class', new (class Options {})()],
  ['a proxy with traps', new Proxy({}, traps)],
  ['a revoked proxy', revoked.proxy],
];
const plain: readonly (readonly [string, unknown])[] = [
  ['{}', {}],
  ['an object without a prototype', Object.create(null)],
];
const empty: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
];
const texts: readonly (readonly [string, unknown])[] = [
  ['an empty text', ''],
  ['a long text', 'x y'.repeat(1_000)],
];
const numbers: readonly (readonly [string, unknown])[] = [['45012', 45012]];
const withGetter: readonly (readonly [string, unknown])[] = [
  [
    'an object with a getter that throws',
    {
      get timeout() {
        return thrower();
      },
    },
  ],
];
const notJson: readonly (readonly [string, unknown])[] = [
  ['an object with a bigint', { a: 1n }],
  ['an object with a toJSON', { toJSON: () => 'content' }],
  ['an object with a toJSON that throws', { toJSON: thrower }],
];
const circle: Record<string, unknown> = {};
circle.circle = circle;

interface Argument {
  readonly name: string;
  readonly values: readonly (readonly [string, unknown])[];
  readonly give: (value: never) => Parameters<TektonClient['sendMessage']>;
}

const text = [...wrong, ...plain, ...empty, ...numbers];
const number = wrong.filter(([what]) => what !== '-1' && what !== '1.5');
const good = ['localhost', 45012, 'hello'] as const;
const addressed: readonly Argument[] = [
  { name: 'host', values: [...text, ...texts], give: (host) => [host, 45012, 'hello'] },
  {
    name: 'port',
    values: [...wrong, ...plain, ...empty, ...texts, ['"0x1F"', '0x1F'], ['"0"', '0']],
    give: (port) => ['localhost', port, 'hello'],
  },
];
const sent: readonly Argument[] = [
  { name: 'message', values: [...text, ['an empty text', '']], give: (message) => ['localhost', 45012, message] },
  {
    name: 'options',
    values: [...wrong, ...texts, ...numbers, ['null', null], ...withGetter],
    give: (options) => [...good, options],
  },
  {
    name: 'max_tokens',
    values: [
      ['5', 5],
      ['undefined', undefined],
    ],
    give: (max_tokens) => [...good, { max_tokens } as object],
  },
  {
    name: 'context',
    values: [...wrong, ...texts, ...numbers, ...notJson, ['a circle', circle]],
    give: (context) => [...good, { context }],
  },
  {
    name: 'temperature',
    values: [...number, ...plain, ...texts, ['Infinity', Number.POSITIVE_INFINITY]],
    give: (temperature) => [...good, { temperature }],
  },
  {
    name: 'maxTokens',
    values: [...wrong.filter(([what]) => what !== '-1'), ...plain, ...texts],
    give: (maxTokens) => [...good, { maxTokens }],
  },
];
const timed: readonly Argument[] = [
  {
    name: 'timeout',
    values: [...wrong.filter(([what]) => what !== '1.5'), ...plain, ...texts],
    give: (timeout) => [...good, { timeout }],
  },
];
const rows = (args: readonly Argument[]) =>
  args.flatMap(({ name, values, give }) => values.map(([what, value]) => [name, what, give(value as never)] as const));

/** The expected error of a wrong argument: it names function and argument, and shows nothing of an object's contents. */
function expectRefusal(message: string, of: string, name: string): void {
  expect(message).toMatch(new RegExp(`^\\[invalid_config\\] ${of}: "?${name}"? (?:is|cannot)`));
  expect(message).not.toContain('content');
  expect(message.length).toBeLessThan(200);
}

async function rejection(promise: Promise<unknown>): Promise<ChoragusError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ChoragusError);
  expect(error).toMatchObject({ code: 'invalid_config', delivery: 'not_sent' });
  return error as ChoragusError;
}

describe('sendMessage', () => {
  test.each(rows([...addressed, ...sent, ...timed]))('rejects as its %s %s', async (name, _, args) => {
    const { client, pool } = fixture({}, { cis });
    const result = await client.sendMessage(...args);
    expect(result).toEqual({ success: false, error: expect.any(String), ai_id: expect.any(String), elapsed_time: 0 });
    expectRefusal((result as { error: string }).error, 'sendMessage', name);
    expect(pool.calls).toEqual([]);
  });
});

describe('sendToAi', () => {
  test.each([...text, ['an empty text', ''] as const])('rejects as its name %s', async (_, name) => {
    const result = await fixture({}, { cis }).client.sendToAi(name as never, 'hello');
    expectRefusal((result as { error: string }).error, 'sendToAi', 'name');
  });

  test.each(rows([...sent, ...timed]))('rejects as its %s %s', async (name, _, [, , message, options]) => {
    const result = await fixture({}, { cis }).client.sendToAi('apollo', message, options);
    expectRefusal((result as { error: string }).error, 'sendToAi', name);
  });
});

describe('sendToAll', () => {
  test.each(rows([...sent, ...timed]))('rejects as its %s %s', async (name, _, [, , message, options]) => {
    const { apollo } = await fixture({}, { cis }).client.sendToAll(message, options);
    expectRefusal((apollo as { error: string }).error, 'sendToAll', name);
    expectRefusal((await rejection(fixture().client.sendToAll(message, options))).message, 'sendToAll', name);
  });
});

describe('ping', () => {
  const options = sent.filter(({ name }) => name === 'options');
  test.each(rows([...addressed, ...options, ...timed]))(
    'rejects as its %s %s',
    async (name, _, [host, port, , given]) => {
      const { client, pool } = fixture({}, { cis });
      expectRefusal((await rejection(client.ping(host, port, given))).message, 'ping', name);
      expect(pool.calls).toEqual([]);
    },
  );

  test('knows only the option timeout', async () => {
    const ping = fixture({}, { cis }).client.ping('localhost', 45012, { context: {} } as object);
    expect((await rejection(ping)).message).toBe('[invalid_config] ping: "context" is not an option: use timeout');
  });
});

describe('streamMessage', () => {
  test.each(rows([...addressed, ...sent, ...timed]))('rejects in the loop as its %s %s', async (name, _, args) => {
    const { client, pool } = fixture({}, { cis });
    const loop = async (): Promise<void> => {
      for await (const _ of client.streamMessage(...args));
    };
    expectRefusal((await rejection(loop())).message, 'streamMessage', name);
    expect(pool.calls).toEqual([]);
  });
});

describe('createTektonClient', () => {
  const refused = (options: unknown): Promise<ChoragusError> =>
    rejection(Promise.resolve().then(() => createTektonClient(options as never)));
  const functions = ['a function', 'a class'];
  const notFunctions = [...text, ...texts].filter(([what]) => !functions.includes(what));

  test.each([...wrong, ...empty, ...texts, ...numbers])('rejects as its options %s', async (_, options) => {
    expectRefusal((await refused(options)).message, 'createTektonClient', 'options');
  });

  test.each(notFunctions)('rejects as its pool %s', async (_, pool) => {
    expectRefusal((await refused({ pool })).message, 'createTektonClient', 'pool');
  });

  test.each(['direct', 'directOptions', 'now'])('rejects a value that is no function as its %s', async (name) => {
    for (const [, value] of notFunctions.filter(([what]) => what !== 'undefined')) {
      expectRefusal((await refused({ pool: thrower, [name]: value })).message, 'createTektonClient', name);
    }
  });

  test('rejects unknown options, and options that are missing', async () => {
    expect((await refused({ pool: thrower, timeout: 5 })).message).toBe(
      '[invalid_config] createTektonClient: "timeout" is not an option: use pool, direct, directOptions, now',
    );
    expectRefusal((await refused({})).message, 'createTektonClient', 'pool');
  });

  test.each([...text, ...texts])('fails a message if pool() returns %s', async (_, pool) => {
    const client = createTektonClient({ pool: () => pool as never });
    const result = await client.sendToAi('apollo', 'hello');
    expectRefusal((result as { error: string }).error, 'createTektonClient', 'pool\\(\\)');
    await rejection(client.sendToAll('hello'));
  });
});
