import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { components } from '../../../src/tekton/components.js';
import { getPool } from '../../../src/tekton/get-pool.js';

beforeEach(() => {
  for (const name of Object.keys(components)) vi.stubEnv(`${name.toUpperCase()}_PORT`, undefined);
  for (const name of Object.keys(process.env)) if (name.startsWith('TEKTON_')) vi.stubEnv(name, undefined);
});

afterEach(async () => {
  await getPool().close();
  vi.unstubAllEnvs();
});

describe('getPool', () => {
  test('returns one pool for the whole process, with the CIs of the environment', () => {
    vi.stubEnv('APOLLO_PORT', '8112');
    const pool = getPool();
    expect(getPool()).toBe(pool);
    expect(pool.cis).toEqual(Object.keys(components));
    expect(pool.snapshot().cis.apollo?.url).toBe('tcp://localhost:45112');
  });

  test('opens nothing before the first request', () => {
    expect(getPool().snapshot().totals.connections).toBe(0);
  });

  test('makes a new pool from the current environment once the former one is closed', async () => {
    const first = getPool();
    const closing = first.close();
    // A draining pool is still returned: a request during a shutdown fails with `closed`, and makes no pool that nothing closes.
    expect(getPool()).toBe(first);
    await closing;
    vi.stubEnv('APOLLO_PORT', '8212');
    const second = getPool();
    expect(second).not.toBe(first);
    expect(second.snapshot().cis.apollo?.url).toBe('tcp://localhost:45212');
    expect(getPool()).toBe(second);
  });

  test('starts the inspector on the port in CHORAGUS_INSPECT, and logs its URL', async () => {
    await getPool().close();
    vi.stubEnv('CHORAGUS_INSPECT', 'yes');
    expect(getPool).toThrow('CHORAGUS_INSPECT="yes": use a whole number from 0 to 65535');
    vi.stubEnv('CHORAGUS_INSPECT', '0');
    const told = new Promise<string>((resolve) => {
      vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
        resolve(String(text));
        return true;
      });
    });
    getPool();
    const [url = ''] = /http:\S+/.exec(await told) ?? [];
    vi.restoreAllMocks();
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(303);
  });

  test('reports a bad environment, and reads it again once it is corrected', async () => {
    await getPool().close();
    vi.stubEnv('TEKTON_POOL_REQUEST_TIMEOUT', 'soon');
    expect(getPool).toThrow('TEKTON_POOL_REQUEST_TIMEOUT="soon": use seconds');
    vi.stubEnv('TEKTON_POOL_REQUEST_TIMEOUT', '5');
    expect(getPool().snapshot().state).toBe('running');
  });
});
