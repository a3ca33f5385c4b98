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
  test('is one pool for the whole process, with the CIs of the environment', () => {
    vi.stubEnv('APOLLO_PORT', '8112');
    const pool = getPool();
    expect(getPool()).toBe(pool);
    expect(pool.cis).toEqual(Object.keys(components));
    expect(pool.snapshot().cis.apollo?.url).toBe('tcp://localhost:45112');
  });

  test('opens nothing before it is asked for something', () => {
    expect(getPool().snapshot().totals.connections).toBe(0);
  });

  test('is made anew, from the environment of then, once the former one was closed', async () => {
    const first = getPool();
    const closing = first.close();
    // While it drains it is still the one: who asks in a shutdown is told `closed`, and makes no pool that nobody closes.
    expect(getPool()).toBe(first);
    await closing;
    vi.stubEnv('APOLLO_PORT', '8212');
    const second = getPool();
    expect(second).not.toBe(first);
    expect(second.snapshot().cis.apollo?.url).toBe('tcp://localhost:45212');
    expect(getPool()).toBe(second);
  });

  test('starts the inspector where CHORAGUS_INSPECT names a port, and says where it is', async () => {
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

  test('tells of a bad environment, and reads it again once it is mended', async () => {
    await getPool().close();
    vi.stubEnv('TEKTON_POOL_REQUEST_TIMEOUT', 'soon');
    expect(getPool).toThrow('TEKTON_POOL_REQUEST_TIMEOUT="soon": use seconds');
    vi.stubEnv('TEKTON_POOL_REQUEST_TIMEOUT', '5');
    expect(getPool().snapshot().state).toBe('running');
  });
});
