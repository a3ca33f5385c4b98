import { describe, expect, test } from 'vitest';
import type { CiOptions, Limits, PoolOptions } from '../../../src/contract/index.js';
import { createPool } from '../../../src/create-pool.js';
import { ChoragusError } from '../../../src/errors/index.js';
import { readCiOptions, readPoolOptions } from '../../../src/pool/options.js';

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

// `docs/design.md`, section 6, and the TSDoc of `Limits` and `PoolOptions`.
const limits: Limits = {
  connectTimeoutMs: 2_000,
  requestTimeoutMs: 30_000,
  streamTimeoutMs: 600_000,
  healthIntervalMs: 30_000,
  heartbeatTimeoutMs: 2_000,
  degradeAfterFailures: 3,
  maxMissedHeartbeats: 3,
  reconnectDelayMs: 5_000,
  maxReconnectDelayMs: 60_000,
  minRedialIntervalMs: 20,
  provenUptimeMs: 10_000,
  maxRequestBytes: 65_536,
  maxReplyBytes: 16 * 1_024 * 1_024,
  maxConnections: 4,
  pipelining: 1,
  maxInFlight: 256,
  maxWaiting: 1_000,
  lateReplyGraceMs: 1_000,
  maxConnectionAgeMs: 0,
};
const poolDefaults = {
  maxDials: 256,
  maxRestarts: 5,
  restartWindowMs: 60_000,
  broadcastDeadlineMs: 2_000,
  broadcastConnectTimeoutMs: 500,
  drainTimeoutMs: 5_000,
};

describe('defaults', () => {
  test('has exactly these limits', () => {
    expect(readPoolOptions({}).limits).toEqual(limits);
  });

  test.each(Object.entries(poolDefaults))('%s is %i', (name, value) => {
    expect(readPoolOptions({})).toHaveProperty(name, value);
  });

  test('apply if an option is given as undefined', () => {
    expect(readPoolOptions({ connectTimeoutMs: undefined } as unknown as PoolOptions).limits).toEqual(limits);
  });

  test('no options make an empty pool', async () => {
    await using pool = createPool({ logger: false });
    expect(pool.cis).toEqual([]);
  });

  test('a CI given as a URL uses the limits of the pool', () => {
    const { limits: own } = readPoolOptions({ maxConnections: 7 });
    expect(readCiOptions('apollo', url, own)).toEqual({ url, tls: undefined, limits: own, given: new Set() });
    expect(readCiOptions('apollo', url, own).limits).toBe(own);
  });

  test('a CI with its own options takes the others from the pool', () => {
    const { limits: pool } = readPoolOptions({ maxConnections: 7, pipelining: 2 });
    const options = { url, pipelining: 3, maxWaiting: undefined } as unknown as CiOptions;
    expect(readCiOptions('apollo', options, pool).limits).toEqual({ ...limits, maxConnections: 7, pipelining: 3 });
    expect(pool.pipelining).toBe(2);
  });
});

const times = [
  'connectTimeoutMs',
  'requestTimeoutMs',
  'streamTimeoutMs',
  'healthIntervalMs',
  'heartbeatTimeoutMs',
  'reconnectDelayMs',
  'maxReconnectDelayMs',
] as const;
const counts = ['degradeAfterFailures', 'maxMissedHeartbeats', 'maxConnections', 'pipelining', 'maxInFlight'] as const;

const ms = (least: number) => `a number of milliseconds from ${least} to 2147483647`;
const whole = (least: number, most: number) => `a whole number from ${least} to ${most}`;
/** The accepted values of each limit. */
const takesOf: Readonly<Record<keyof Limits, string>> = {
  connectTimeoutMs: ms(1),
  requestTimeoutMs: ms(1),
  streamTimeoutMs: ms(1),
  healthIntervalMs: ms(1),
  heartbeatTimeoutMs: ms(1),
  degradeAfterFailures: whole(1, 1_000_000),
  maxMissedHeartbeats: whole(1, 1_000_000),
  reconnectDelayMs: ms(1),
  maxReconnectDelayMs: ms(1),
  minRedialIntervalMs: ms(1),
  provenUptimeMs: ms(0),
  maxRequestBytes: whole(256, 2 ** 30),
  maxReplyBytes: whole(256, 2 ** 28),
  maxConnections: whole(1, 1_000),
  pipelining: whole(1, 1_000),
  maxInFlight: whole(1, 100_000),
  maxWaiting: whole(1, 1_000_000),
  lateReplyGraceMs: ms(0),
  maxConnectionAgeMs: ms(0),
};
const takesOfPool = {
  maxDials: whole(1, 1_000_000),
  maxRestarts: whole(0, 1_000),
  restartWindowMs: ms(1),
  broadcastDeadlineMs: ms(1),
  broadcastConnectTimeoutMs: ms(1),
  drainTimeoutMs: ms(0),
};

/** Bad values of a limit: the option, the value, and the accepted values in the message. */
const badLimits: readonly (readonly [string, unknown, string])[] = (
  [
    ...times.flatMap((name) => [[name, 0] as const, [name, 2 ** 31] as const]),
    ...counts.map((name) => [name, 0] as const),
    ['maxWaiting', 0],
    ['maxWaiting', 1_000_001],
    ['provenUptimeMs', -1],
    ['lateReplyGraceMs', -1],
    ['maxRequestBytes', 255],
    ['maxRequestBytes', 2 ** 30 + 1],
    ['maxReplyBytes', 255],
    ['maxReplyBytes', 2 ** 28 + 1],
    ['maxConnections', 1_001],
    ['maxConnections', 1.5],
    ['maxWaiting', 1.5],
    ['pipelining', 1_001],
    ['pipelining', 1.5],
    ['maxInFlight', 100_001],
    ...Object.keys(limits).map((name) => [name as keyof Limits, '5'] as const),
  ] as const
).map(([name, value]) => [name, value, takesOf[name]]);
const badPoolOptions: readonly (readonly [string, unknown, string])[] = [
  ...(
    [
      ['maxDials', 0],
      ['maxDials', 1.5],
      ['maxRestarts', -1],
      ['maxRestarts', 1_001],
      ['restartWindowMs', 0],
      ['broadcastDeadlineMs', 0],
      ['broadcastConnectTimeoutMs', 0],
      ['drainTimeoutMs', -1],
      ...Object.keys(poolDefaults).map((name) => [name as keyof typeof takesOfPool, null] as const),
    ] as const
  ).map(([name, value]) => [name, value, takesOfPool[name]] as const),
  ['cis', 5, 'URLs, or options, by name'],
  ['cis', null, 'URLs, or options, by name'],
  ['clock', 5, 'a Clock'],
  ['random', 0.5, 'a function'],
  ['logger', 'loud', 'a pino logger, or false'],
  ['logger', true, 'a pino logger, or false'],
  ['transports', 5, 'transports by scheme'],
];
const shown = (value: unknown) => (typeof value === 'string' ? JSON.stringify(value) : String(value));

describe('an error names the bad value, its option and the accepted values', () => {
  test.each([...badLimits, ...badPoolOptions])('%s: %j', (name, value, takes) => {
    const error = refusal({ [name]: value });
    expect(error).toMatchObject({ code: 'invalid_config', delivery: 'not_sent' });
    expect(error.reason).toBe(`createPool: ${name} is ${shown(value)}: use ${takes}`);
  });

  test.each(badLimits)('of a single CI: %s: %j', (name, value, takes) => {
    const error = refusalOfCi({ url, [name]: value });
    expect(error).toMatchObject({ code: 'invalid_config', delivery: 'not_sent' });
    expect(error.reason).toBe(`CI "apollo": ${name} is ${shown(value)}: use ${takes}`);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, true, null, [], {}])(
    'rejects a value that is no number: %s',
    (value) => {
      expect(refusal({ requestTimeoutMs: value }).reason).toMatch(/^createPool: requestTimeoutMs is .+: use .+/);
    },
  );

  test('accepts every limit at its edges', () => {
    const options = { ...limits, provenUptimeMs: 0, lateReplyGraceMs: 0, requestTimeoutMs: 2 ** 31 - 1 };
    expect(readPoolOptions(options).limits).toEqual(options);
  });

  test('names all bad values of a pool at once', () => {
    const { reason } = refusal({ connectTimeoutMs: 0, maxDials: 'x', pipelining: -1, colour: 'red' });
    for (const part of ['connectTimeoutMs is 0', 'maxDials is "x"', 'pipelining is -1', 'colour is not an option']) {
      expect(reason).toContain(part);
    }
  });

  test('names all bad values of a CI at once', () => {
    const { reason } = refusalOfCi({ url: 5, pipelining: 0, colour: 'red' });
    for (const part of ['url is 5', 'pipelining is 0', 'colour is not an option']) expect(reason).toContain(part);
  });

  test('shortens a long value', () => {
    const { message } = refusal({ maxDials: 'x'.repeat(1_000) });
    expect(message.length).toBeLessThan(200);
  });

  test.each([
    ['logger', { info: () => {} }, 'a pino logger, or false'],
    ['clock', { now: () => 0 }, 'a Clock'],
    ['cis', new Map([['apollo', url]]), 'URLs, or options, by name'],
  ])('rejects an object that is no %s', (name, value, takes) => {
    expect(refusal({ [name]: value }).reason).toBe(`createPool: ${name} is an object: use ${takes}`);
  });

  test('rejects a transport without prepare()', () => {
    const takes = 'createPool: transports.carrier is an object: use an object with prepare()';
    expect(refusal({ transports: { carrier: {} } }).reason).toBe(takes);
  });

  test('rejects a CI without a url', () => {
    expect(refusalOfCi({ pipelining: 2 }).reason).toBe('CI "apollo": url is missing');
  });

  test.each([null, 5, 'loud', true])('rejects %j in place of the options', (options) => {
    expect(() => createPool(options as never)).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  });

  test('rejects a bad value in place of the TLS options', () => {
    expect(refusalOfCi({ url, tls: 5 }).reason).toBe('CI "apollo": tls is a value: use an object');
  });
});
