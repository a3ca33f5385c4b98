import { Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CiOptions, PoolOptions, RequestOptions } from '../../../src/index.js';
import { parseFrame } from '../../../src/protocol/frame-codec.js';
import { faults } from '../../../src/testing/index.js';
import { useStage } from '../../support/stage.js';
import { watch } from '../../support/watch.js';
import { Evidence } from './evidence.js';

const stage = useStage();

/** The shared prototypes, with their properties. */
const shared = [Object.prototype, Array.prototype, Function.prototype, Error.prototype, Map.prototype];
const namesOf = () => shared.map((prototype) => Reflect.ownKeys(prototype));
let before: PropertyKey[][] = [];

beforeEach(() => {
  before = namesOf();
});

afterEach(() => {
  expect(namesOf()).toEqual(before);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

/** Texts that try to change a prototype, as JSON, for the beginning of an object. */
const attacks = [
  '"__proto__":{"polluted":true,"content":"from a prototype","type":"chat_response"}',
  '"constructor":{"prototype":{"polluted":true}}',
  '"prototype":{"polluted":true}',
  '"metadata":{"__proto__":{"polluted":true}},"context":{"constructor":{"prototype":{"polluted":true}}}',
  '"toString":1,"valueOf":1,"toJSON":1,"then":1,"hasOwnProperty":1,"__defineGetter__":1',
];

describe('a reply that would change a prototype', () => {
  test.each(attacks)('%s', async (attack) => {
    const ci = await stage.scripted((request) => {
      const head = `"request_id":"${request.message.request_id}",${attack}`;
      if (request.message.stream !== true) {
        request.replyText(`{"type":"chat_response","content":"an answer",${head}}\n`);
        return;
      }
      request.replyText(`{"type":"stream_chunk","content":"a chunk",${head}}\n{"type":"stream_end",${head}}\n`);
    });
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const asked = watch(pool.ask('apollo', 'hello'));
    const streamed = watch(pool.stream('apollo', 'hello'));
    const all = watch(pool.broadcast('hello'));
    expect(await Promise.all([asked.ended, streamed.ended, all.ended])).toEqual(['reply', 'reply', 'reply']);
    expect(asked.values.map(({ content }) => content)).toEqual(['an answer']);
    expect(streamed.values.map(({ content }) => content)).toEqual(['a chunk']);
    // The frame is passed on unchanged: its fields are its own, and its prototype is the usual one.
    expect(Object.getPrototypeOf(asked.values[0]?.raw)).toBe(Object.prototype);
  });

  test('is not answered by an inherited property', async () => {
    const ci = await stage.scripted((request) =>
      request.replyText(`{"request_id":"${request.message.request_id}",${attacks[0]}}\n`),
    );
    const pool = stage.pool({ cis: { apollo: ci.url } });
    expect(await watch(pool.ask('apollo', 'hello')).ended).toBe('protocol_error answered total');
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('nor is %s a type or an id', async (word) => {
    const ci = await stage.scripted((request) => request.reply({ type: word, request_id: word, content: 'x' }));
    const pool = stage.pool({ cis: { apollo: ci.url } });
    expect(await watch(pool.ask('apollo', 'hello', { deadlineMs: 30 })).ended).toMatch(/^deadline_exceeded/);
  });
});

describe('options that would change a prototype', () => {
  const polluting = <T>(json: string): T => JSON.parse(json) as T;
  const attack = '"__proto__":{"polluted":true,"maxWaiting":-1,"rejectUnauthorized":false}';

  test('of a pool are rejected', () => {
    expect(() => stage.pool(polluting<PoolOptions>(`{${attack}}`))).toThrow('__proto__ is not an option');
  });

  test.each(['__proto__', 'constructor', 'toString'])('a CI with the name %s', (name) => {
    const cis = polluting<Record<string, string>>(`{"${name}":"tcp://127.0.0.1:1"}`);
    if (name === '__proto__') expect(() => stage.pool({ cis })).toThrow('CI name is "__proto__"');
    else expect(Object.keys(stage.pool({ cis }).snapshot().cis)).toEqual([name]);
  });

  test.each([`{"url":"tls://x:1",${attack}}`, `{"url":"tls://x:1","tls":{${attack}}}`])('of a CI: %s', (json) => {
    const pool = stage.pool({});
    expect(() => pool.add('apollo', polluting<CiOptions>(json))).toThrow('__proto__ is not an option');
    expect(pool.cis).toEqual([]);
  });

  test('of a request', async () => {
    const ci = await stage.scripted(faults.replies());
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const options = polluting<RequestOptions>(`{${attack}}`);
    expect(watch(pool.ask('apollo', 'hello', options)).outcome).toBe('invalid_config not_sent undefined');
  });

  test('of the transports', () => {
    const transports = { ...polluting<object>(`{${attack}}`) } as PoolOptions['transports'];
    expect(() => stage.pool({ transports, cis: { apollo: '__proto__://x:1' } })).toThrow('[invalid_config]');
  });
});

describe('a name that would forge lines of a log', () => {
  const names = [
    'apollo\n{"level":60,"msg":"forged"}',
    'apollo\r\nforged',
    'apollo\n',
    '\napollo',
    'apollo\u2028forged',
    'apollo\u0085forged',
    'apollo\0',
    'apollo\u001b[31m',
    'apollo\u009b31m',
    'apollo\u202eolloopa',
    '<script>alert(1)</script>',
    '"><img src=x>',
    "apollo'",
    'apollo`',
    'apollo$',
    'apollo;rm',
    'apóllo',
    '-apollo',
    ' apollo',
  ];

  test.each(names)('is rejected: %j', (name) => {
    const evidence = new Evidence();
    const pool = stage.pool({ logger: evidence.logger });
    for (const make of [
      () => stage.pool({ cis: { [name]: 'tcp://127.0.0.1:1' } }),
      () => pool.add(name, 'tcp://x:1'),
    ]) {
      expect(make).toThrow(expect.objectContaining({ code: 'invalid_config' }));
    }
    expect([pool.cis, evidence.lines]).toEqual([[], []]);
  });

  test.each(names)('is requested, and not logged: %j', async (name) => {
    const evidence = new Evidence();
    const pool = stage.pool({ logger: evidence.logger });
    expect(await watch(pool.ask(name, 'hello')).ended).toBe('unknown_ci not_sent undefined');
    expect(evidence.lines).toEqual([]);
  });

  test('a log has one line for each record, all of them JSON', async () => {
    const evidence = new Evidence();
    const ci = await stage.scripted((request) => request.replyText('\n\u001b[31m{"level":60}\n'));
    const pool = stage.pool({ cis: { apollo: ci.url }, logger: evidence.logger });
    await watch(pool.ask('apollo', 'hello\n{"level":60,"msg":"forged"}')).ended;
    await pool.close();
    const lines = evidence.lines.map((line) => JSON.parse(line) as { level: number });
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.filter(({ level }) => level === 60)).toEqual([]);
    expect(evidence.lines.filter((line) => line.indexOf('\n') !== line.length - 1)).toEqual([]);
  });
});

describe('deep nesting', () => {
  test('of two hundred thousand levels is parsed without recursion', () => {
    const frame = parseFrame(`{"type":"pong","x":${'['.repeat(2e5)}${']'.repeat(2e5)}}`);
    expect(frame.type).toBe('pong');
  });
});

test.each(['constructor', 'toString', 'valueOf'])('an unknown option named %s is rejected like any other', (name) => {
  expect(() => stage.pool({ [name]: 1 } as PoolOptions)).toThrow(`${name} is not an option`);
});

test('a transport that throws a value without a prototype harms only its own CI', async () => {
  const thrown: unknown = Object.create(null);
  const transports = { broken: { prepare: () => () => new Observable<never>((to) => to.error(thrown)) } };
  const ci = await stage.scripted(faults.replies());
  const pool = stage.pool({ cis: { broken: 'broken:', athena: ci.url }, transports, maxRestarts: 0 });
  await watch(pool.ask('broken', 'hello')).ended;
  expect(await watch(pool.ask('athena', 'hello')).ended).toBe('reply');
});
