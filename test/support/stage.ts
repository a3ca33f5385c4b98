import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import {
  type CiServer,
  createPool,
  type Pool,
  type PoolOptions,
  type ServeCiOptions,
  serveCi,
} from '../../src/index.js';
import { type Script, type ScriptedCi, type ScriptedCiOptions, scriptedCi } from '../../src/testing/index.js';
import { CountingClock } from './counting-clock.js';
import { expectNoLeaks } from './leaks.js';

/** Pools and CIs of one test, over real sockets. */
export interface Stage {
  pool(options: PoolOptions): Pool;
  scripted(script?: Script, options?: ScriptedCiOptions): Promise<ScriptedCi>;
  serve(options: Partial<ServeCiOptions>): Promise<CiServer>;
  /** Returns a path for a unix socket that has no listener yet. */
  unixPath(): Promise<string>;
}

/** A port below the range that the system assigns: it has no listener. */
export const NOBODY = 'tcp://127.0.0.1:1';

/**
 * Makes a stage for each test of a file. After the test it closes all pools. Each must have released every
 * socket (as the CI at the other end sees it), timer, request and connection.
 */
export function useStage(): Stage {
  let clock = new CountingClock();
  let settled = async (): Promise<void> => {};
  const pools: Pool[] = [];
  const scripted: ScriptedCi[] = [];
  const served: CiServer[] = [];
  const folders: string[] = [];

  beforeEach(() => {
    clock = new CountingClock();
    settled = expectNoLeaks();
  });

  afterEach(async () => {
    for (const pool of pools.splice(0)) await expectClosed(pool);
    for (const ci of scripted) for (const connection of ci.connections) connection.resume();
    await Promise.all(scripted.map((ci) => ci.closed()));
    await until(() => served.every((ci) => ci.connections === 0));
    await until(() => clock.pending === 0);
    for (const ci of [...scripted.splice(0), ...served.splice(0)]) await ci.close();
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
    await settled();
  });

  return {
    pool: (options) => {
      const pool = createPool({ clock, logger: false, ...options });
      pools.push(pool);
      return pool;
    },
    scripted: async (script, options) => {
      const ci = await scriptedCi({ ...options, script });
      scripted.push(ci);
      return ci;
    },
    serve: async (options) => {
      const ci = await serveCi({ id: 'served', handler: ({ content }) => content, ...options });
      served.push(ci);
      return ci;
    },
    unixPath: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'stage-'));
      folders.push(folder);
      return join(folder, 'ci.sock');
    },
  };
}

/** Waits, in turns of the event loop, for a condition that needs no time, only turns. */
export async function until(isTrue: () => boolean): Promise<void> {
  const giveUpMs = performance.now() + 8_000;
  while (!isTrue()) {
    if (performance.now() > giveUpMs) throw new Error(`never came true: ${isTrue}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Closes a pool, cuts what the test left under way, and expects the pool to be empty. */
async function expectClosed(pool: Pool): Promise<void> {
  await pool.close({ drainTimeoutMs: 0 });
  const { state, totals } = pool.snapshot();
  expect([state, totals.connections, totals.inFlight, totals.waiting]).toEqual(['closed', 0, 0, 0]);
}
