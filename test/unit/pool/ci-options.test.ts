import { describe, expect, test } from 'vitest';
import type { PoolOptions } from '../../../src/contract/index.js';
import { createPool } from '../../../src/create-pool.js';
import { ChoragusError } from '../../../src/errors/index.js';

const url = 'tcp://localhost:45012';

/** Returns the whole error of `createPool` with these options. */
function refusal(options: unknown): ChoragusError {
  try {
    createPool({ logger: false, ...(options as PoolOptions) });
  } catch (error) {
    if (error instanceof ChoragusError) return error;
    throw error;
  }
  throw new Error('the options were taken');
}

const refusalOfCi = (options: unknown) => refusal({ cis: { apollo: options } });

describe('unknown options are refused', () => {
  test('of a pool', () => {
    expect(refusal({ conectTimeoutMs: 5 }).reason).toBe('createPool: conectTimeoutMs is not an option');
  });

  test('of a CI, including those of a pool', () => {
    expect(refusalOfCi({ url, maxDials: 5 }).reason).toBe('CI "apollo": maxDials is not an option');
  });

  test('of TLS', () => {
    expect(refusalOfCi({ url, tls: { kee: 'x' } }).reason).toBe('CI "apollo": tls.kee is not an option');
  });

  test('of a CI that is added later; the pool then does not have it', async () => {
    await using pool = createPool({ logger: false });
    expect(() => pool.add('apollo', { url, colour: 'red' } as never)).toThrow(/colour is not an option/);
    expect(pool.cis).toEqual([]);
  });
});

describe('names', () => {
  const good = ['apollo', 'Apollo_2', '0', 'a.b-c', 'a/b', 'host:45012', '[::1]:45012', 'constructor', 'x'.repeat(128)];

  test.each(good)('%s', async (name) => {
    await using pool = createPool({ logger: false, cis: { [name]: url } });
    expect(pool.cis).toEqual([name]);
    expect(Object.keys(pool.snapshot().cis)).toEqual([name]);
  });

  const bad = [
    '',
    ' ',
    'two words',
    'tab\t',
    'line\n',
    '__proto__',
    '-a',
    '.a',
    'café',
    'a"b',
    'a{b}',
    'x'.repeat(129),
  ];

  test.each(bad)('rejects %j', (name) => {
    const error = refusal({ cis: Object.fromEntries([[name, url]]) });
    expect(error).toMatchObject({ code: 'invalid_config', delivery: 'not_sent' });
    expect(error.reason).toContain('CI name ');
    expect(error.reason).toContain('at most 128 characters');
  });

  test.each([5, null, undefined, {}, Symbol('a')])('rejects %s for a CI added later', async (name) => {
    await using pool = createPool({ logger: false });
    expect(() => pool.add(name as never, url)).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  });

  test('rejects a name that is taken', async () => {
    await using pool = createPool({ logger: false, cis: { apollo: url } });
    expect(() => pool.add('apollo', url)).toThrow(/has a CI "apollo" already/);
  });
});

describe('addresses', () => {
  test.each(['tcp://h:1', 'tls://h:65535', 'unix:/run/ci.sock'])('%s', async (address) => {
    await using pool = createPool({ logger: false, cis: { apollo: address, athena: { url: address } } });
    expect(pool.snapshot().cis.athena?.url).toBe(address);
  });

  test.each([
    ['tcp://h:0', 'CI "apollo": its port 0 is out of range: use 1 to 65535'],
    ['tcp://h:65536', 'CI "apollo": its port 65536 is out of range: use 1 to 65535'],
    ['tls://h:99999', 'CI "apollo": its port 99999 is out of range: use 1 to 65535'],
    ['tcp://h', 'CI "apollo": its url must be tcp://host:port, tls://host:port or unix:/path'],
    [
      'http://h:1',
      'CI "apollo": its url must begin with one of tcp:, tls:, unix:, ws:, wss:, ollama:, ollama+https:, openai+http:, openai+https:',
    ],
    [
      'h:1',
      'CI "apollo": its url must begin with one of tcp:, tls:, unix:, ws:, wss:, ollama:, ollama+https:, openai+http:, openai+https:',
    ],
    [
      '',
      'CI "apollo": its url must begin with one of tcp:, tls:, unix:, ws:, wss:, ollama:, ollama+https:, openai+http:, openai+https:',
    ],
    [
      '__proto__:x',
      'CI "apollo": its url must begin with one of tcp:, tls:, unix:, ws:, wss:, ollama:, ollama+https:, openai+http:, openai+https:',
    ],
  ])('rejects %s', (address, reason) => {
    expect(refusalOfCi(address)).toMatchObject({ code: 'invalid_config', delivery: 'not_sent', reason });
    expect(refusalOfCi({ url: address })).toMatchObject({ code: 'invalid_config', reason });
  });

  test('the error for an unknown scheme lists the known ones, with those the user added', () => {
    const transports = { memory: { prepare: () => () => undefined as never } };
    const error = refusal({ transports, cis: { apollo: 'gopher://h:1' } });
    expect(error.reason).toBe(
      'CI "apollo": its url must begin with one of tcp:, tls:, unix:, ws:, wss:, ollama:, ollama+https:, openai+http:, openai+https:, memory:',
    );
  });

  test.each([undefined, null, 5, ['tcp://h:1'], true])(
    'rejects %j: it is neither a URL nor an object of options',
    (options) => {
      expect(refusalOfCi(options).code).toBe('invalid_config');
    },
  );
});

describe('secrets are never shown', () => {
  const secret = 'hunter2';
  const withSecret = `tcp://apollo:${secret}@localhost:45012`;

  test.each([
    ['in a URL', { cis: { apollo: withSecret } }],
    ['in a URL with options', { cis: { apollo: { url: withSecret } } }],
    ['in a URL beside a bad option', { cis: { apollo: { url: withSecret, pipelining: 0 } } }],
    ['in a URL of an unknown scheme', { cis: { apollo: withSecret.replace('tcp', 'http') } }],
    ['in a URL within a list', { cis: { apollo: { url: [withSecret] } } }],
    ['in a key', { cis: { apollo: { url, tls: { key: { pem: secret } } } } }],
    ['in a passphrase of the wrong type', { cis: { apollo: { url, tls: { passphrase: [secret] } } } }],
    ['in place of the TLS options', { cis: { apollo: { url, tls: secret } } }],
  ])('%s', (_where, options) => {
    const error = refusal(options);
    expect(error.code).toBe('invalid_config');
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(secret);
  });

  test('a URL in place of the CIs by name', () => {
    expect(refusal({ cis: withSecret }).message).not.toContain(secret);
  });

  test('a URL in place of the options', () => {
    expect(() => createPool(withSecret as never)).toThrow(expect.objectContaining({ code: 'invalid_config' }));
    expect(() => createPool(withSecret as never)).not.toThrow(/hunter2/);
  });
});
