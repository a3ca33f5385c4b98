import { describe, expect, test } from 'vitest';
import { ChoragusError } from '../../../src/errors/index.js';
import { components } from '../../../src/tekton/components.js';
import { readEnvironment } from '../../../src/tekton/environment.js';

type Env = Readonly<Record<string, string | undefined>>;

function refusal(env: Env): ChoragusError {
  try {
    readEnvironment(env);
  } catch (error) {
    if (error instanceof ChoragusError) return error;
    throw error;
  }
  throw new Error('the environment was taken');
}

describe('the CIs of the environment', () => {
  test('are the 18 components, at 45000 plus their distance from 8000', () => {
    expect(readEnvironment({})).toEqual({
      cis: {
        engram: 'tcp://localhost:45000',
        hermes: 'tcp://localhost:45001',
        ergon: 'tcp://localhost:45002',
        rhetor: 'tcp://localhost:45003',
        terma: 'tcp://localhost:45004',
        athena: 'tcp://localhost:45005',
        prometheus: 'tcp://localhost:45006',
        harmonia: 'tcp://localhost:45007',
        telos: 'tcp://localhost:45008',
        synthesis: 'tcp://localhost:45009',
        tekton_core: 'tcp://localhost:45010',
        metis: 'tcp://localhost:45011',
        apollo: 'tcp://localhost:45012',
        penia: 'tcp://localhost:45013',
        sophia: 'tcp://localhost:45014',
        noesis: 'tcp://localhost:45015',
        numa: 'tcp://localhost:45016',
        hephaestus: 'tcp://localhost:45080',
      },
    });
  });

  test('move with both bases', () => {
    const { cis } = readEnvironment({ TEKTON_PORT_BASE: '8100', TEKTON_AI_PORT_BASE: '46000' });
    expect(cis).toMatchObject({ engram: 'tcp://localhost:45900', hephaestus: 'tcp://localhost:45980' });
  });

  test('move one by one with the port of their component', () => {
    const { cis } = readEnvironment({ APOLLO_PORT: '8112', TEKTON_CORE_PORT: ' 9000 ' });
    expect(cis).toMatchObject({
      apollo: 'tcp://localhost:45112',
      tekton_core: 'tcp://localhost:46000',
      athena: 'tcp://localhost:45005',
    });
  });

  test('may use both ends of the port range', () => {
    const { cis } = readEnvironment({ ENGRAM_PORT: '28535', HERMES_PORT: '1', TEKTON_PORT_BASE: '8000' });
    expect(cis).toMatchObject({ engram: 'tcp://localhost:65535', hermes: 'tcp://localhost:37001' });
  });

  test('come from an immutable table', () => {
    expect(Object.isFrozen(components)).toBe(true);
    expect(Object.keys(components)).toHaveLength(18);
  });
});

describe('the times of the environment', () => {
  test('are seconds, with decimals, and become milliseconds', () => {
    const options = readEnvironment({
      TEKTON_POOL_CONNECTION_TIMEOUT: '0.5',
      TEKTON_POOL_REQUEST_TIMEOUT: '60',
      TEKTON_POOL_HEALTH_INTERVAL: '1.1',
      TEKTON_POOL_RECONNECT_DELAY: '.25',
    });
    expect(options).toMatchObject({
      connectTimeoutMs: 500,
      requestTimeoutMs: 60_000,
      healthIntervalMs: 1_100,
      reconnectDelayMs: 250,
    });
  });

  test.each(['', '   ', undefined])('keep their default when the variable is %j', (value) => {
    const options = readEnvironment({
      TEKTON_POOL_REQUEST_TIMEOUT: value,
      APOLLO_PORT: value,
      TEKTON_PORT_BASE: value,
    });
    expect(options).toEqual(readEnvironment({}));
  });

  test('ignore other variables', () => {
    const env = { TEKTON_HOST: 'elsewhere', TEKTON_POOL_SIZE: 'many', PATH: '/bin', UNKNOWN_PORT: 'x' };
    expect(readEnvironment(env)).toEqual(readEnvironment({}));
  });
});

describe('a bad value', () => {
  const port = 'use a whole number from 1 to 65535';
  const seconds = 'use seconds from 0.001 to 2147483, for example 0.5';

  test.each([
    ['APOLLO_PORT', 'eighty', port],
    ['APOLLO_PORT', '0', port],
    ['APOLLO_PORT', '65536', port],
    ['APOLLO_PORT', '80.5', port],
    ['APOLLO_PORT', '-1', port],
    ['APOLLO_PORT', '0x50', port],
    ['APOLLO_PORT', '8e3', port],
    ['TEKTON_PORT_BASE', 'NaN', port],
    ['TEKTON_AI_PORT_BASE', '45,000', port],
    ['TEKTON_POOL_CONNECTION_TIMEOUT', '0', seconds],
    ['TEKTON_POOL_CONNECTION_TIMEOUT', '2s', seconds],
    ['TEKTON_POOL_REQUEST_TIMEOUT', '-1', seconds],
    ['TEKTON_POOL_REQUEST_TIMEOUT', 'Infinity', seconds],
    ['TEKTON_POOL_HEALTH_INTERVAL', '2147484', seconds],
    ['TEKTON_POOL_HEALTH_INTERVAL', '1,5', seconds],
    ['TEKTON_POOL_RECONNECT_DELAY', '0.0004', seconds],
    ['TEKTON_POOL_RECONNECT_DELAY', '.', seconds],
  ])('%s=%s is rejected with its name, the value and the accepted values', (name, value, takes) => {
    const error = refusal({ [name]: value });
    expect(error).toMatchObject({ code: 'invalid_config', delivery: 'not_sent' });
    expect(error.message).toBe(`[invalid_config] in the environment: ${name}="${value}": ${takes}`);
  });

  test('is shown cut to 40 characters, with its control characters escaped', () => {
    const { message } = refusal({ APOLLO_PORT: `\n${'9'.repeat(60)}` });
    expect(message).toContain(`APOLLO_PORT="\\n${'9'.repeat(39)}…": use`);
    expect(message).not.toContain('9'.repeat(40));
  });

  test('is reported together with all others', () => {
    const { message } = refusal({
      APOLLO_PORT: 'a',
      NUMA_PORT: 'b',
      TEKTON_AI_PORT_BASE: 'c',
      TEKTON_POOL_REQUEST_TIMEOUT: 'd',
    });
    for (const name of [
      'APOLLO_PORT="a"',
      'NUMA_PORT="b"',
      'TEKTON_AI_PORT_BASE="c"',
      'TEKTON_POOL_REQUEST_TIMEOUT="d"',
    ]) {
      expect(message).toContain(name);
    }
  });
});

describe('a CI outside the port range', () => {
  test('is blamed on its own variable, with the sum', () => {
    expect(refusal({ APOLLO_PORT: '30000' }).message).toBe(
      '[invalid_config] in the environment: APOLLO_PORT="30000" puts the CI apollo at port ' +
        '45000 + (30000 - 8000) = 67000: the port of a CI must be from 1 to 65535',
    );
  });

  test('is blamed on the bases once, however many CIs they push out', () => {
    const { message } = refusal({ TEKTON_AI_PORT_BASE: '65530' });
    expect(message).toContain('TEKTON_AI_PORT_BASE="65530" puts the CI prometheus (and 11 more) at port');
    expect(message.match(/TEKTON_AI_PORT_BASE/g)).toHaveLength(1);
  });

  test('is found below the range, too', () => {
    const { message } = refusal({ TEKTON_AI_PORT_BASE: '100', TEKTON_PORT_BASE: '8101' });
    expect(message).toContain('TEKTON_AI_PORT_BASE="100", TEKTON_PORT_BASE="8101" puts the CI engram');
    expect(message).toContain('100 + (8000 - 8101) = -1:');
  });

  test('is reported beside one that its own variable pushes out', () => {
    const { message } = refusal({ TEKTON_AI_PORT_BASE: '65500', ENGRAM_PORT: '8050' });
    expect(message).toContain('puts the CI hephaestus at port');
    expect(message).toContain('ENGRAM_PORT="8050", TEKTON_AI_PORT_BASE="65500" puts the CI engram at port');
  });

  test('is not reported while a base cannot be read', () => {
    const { message } = refusal({ TEKTON_PORT_BASE: '60000x', APOLLO_PORT: '60012' });
    expect(message).toContain('TEKTON_PORT_BASE="60000x"');
    expect(message).not.toContain('APOLLO_PORT');
  });

  test('is not blamed on a variable that already has an error', () => {
    const { message } = refusal({ TEKTON_AI_PORT_BASE: '65530', APOLLO_PORT: 'x' });
    expect(message.match(/APOLLO_PORT/g)).toHaveLength(1);
    expect(message).toContain('(and 11 more)');
  });
});
