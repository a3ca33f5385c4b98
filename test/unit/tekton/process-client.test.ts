import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type CiServer, serveCi } from '../../../src/server/index.js';
import { components } from '../../../src/tekton/components.js';
import { getPool } from '../../../src/tekton/get-pool.js';
import { ping, sendMessage, sendToAi, streamMessage, type TektonResult } from '../../../src/tekton/index.js';

const serveEcho = (): Promise<CiServer> =>
  serveCi({ id: 'echo', correlation: 'ordered', handler: ({ content }) => `you said ${content}` });

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('TEKTON_')) vi.stubEnv(name, undefined);
  for (const name of Object.keys(components)) vi.stubEnv(`${name.toUpperCase()}_PORT`, undefined);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await getPool().close({ drainTimeoutMs: 0 });
});

/** Sends until an answer comes over a used connection. The first connections serve to learn about a CI without ids, and close. */
async function untilReused(send: () => Promise<TektonResult>): Promise<void> {
  for (let sends = 0; sends < 40; sends += 1) {
    const result = await send();
    if (result.success && result.connection_reused) return;
  }
  throw new Error('each message has a connection of its own');
}

describe('the functions of the module', () => {
  test('use the pool of the process', async () => {
    await using ci = await serveEcho();
    expect(await sendMessage('127.0.0.1', ci.port, 'hello')).toMatchObject({ success: true, connection_reused: false });
    const name = `127.0.0.1:${ci.port}`;
    expect(getPool().cis).toContain(name);
    await untilReused(() => sendToAi(name, 'hello'));
    const before = ci.totalConnections;
    expect(await sendToAi(name, 'hello')).toMatchObject({ success: true, connection_reused: true });
    expect(await ping('127.0.0.1', ci.port)).toBe(true);
    const texts: string[] = [];
    for await (const text of streamMessage('127.0.0.1', ci.port, 'hello')) texts.push(text);
    expect(texts.join('')).toBe('you said hello');
    expect(ci.totalConnections).toBe(before);
  });

  test('use a new pool once the former one is closed', async () => {
    await using ci = await serveEcho();
    await sendMessage('127.0.0.1', ci.port, 'hello');
    await getPool().close();
    expect(await sendMessage('127.0.0.1', ci.port, 'hello')).toMatchObject({ success: true });
    await untilReused(() => sendMessage('127.0.0.1', ci.port, 'hello'));
  });

  test('read the environment at the call, and report a bad one without throwing', async () => {
    await getPool().close();
    vi.stubEnv('TEKTON_AI_PORT_BASE', 'high');
    vi.resetModules();
    const tekton = await import('../../../src/tekton/index.js');
    expect(await tekton.sendMessage('127.0.0.1', 1, 'hello')).toMatchObject({
      success: false,
      error: expect.stringContaining('TEKTON_AI_PORT_BASE="high": use a whole number'),
    });
    expect(await tekton.ping('127.0.0.1', 1)).toBe(false);
    await expect(tekton.sendToAll('hello')).rejects.toThrow('TEKTON_AI_PORT_BASE="high"');
  });
});
