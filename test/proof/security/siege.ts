import { expect } from 'vitest';
import type { Pool, PoolOptions } from '../../../src/index.js';
import { faults } from '../../../src/testing/index.js';
import { useStage } from '../../support/stage.js';
import { type HostilePeer, type Misbehave, useHostilePeers } from './hostile-peer.js';
import { type Account, askMeanwhile } from './neighbour.js';

// SECURITY_LONG=1 makes the floods sixteen times as long: a line of 1 GiB instead of 64 MiB.
export const MIB = 1024 * 1024;
export const FLOOD_BYTES = (process.env.SECURITY_LONG === '1' ? 1_024 : 64) * MIB;

/** A hostile CI, `apollo`, a healthy one, `athena`, which gets requests all the while, and the pool of both. */
export interface Siege {
  readonly peer: HostilePeer;
  readonly pool: Pool;
  readonly neighbour: { stop(): Promise<Account> };
}

/** Provides sieges for each test of a file; a line of `apollo` may have 1 MiB. */
export function useSieges(): (misbehave: Misbehave, options?: PoolOptions) => Promise<Siege> {
  const stage = useStage();
  const hostile = useHostilePeers();
  return async (misbehave, options) => {
    const peer = await hostile(misbehave);
    const athena = await stage.scripted(faults.replies());
    const cis = { apollo: peer.url, athena: athena.url };
    const pool = stage.pool({ cis, maxReplyBytes: MIB, requestTimeoutMs: 10_000, ...options });
    return { peer, pool, neighbour: askMeanwhile(pool, 'athena') };
  };
}

/**
 * Checks that the neighbour got all its answers, and that memory stayed within the limits: the bounds are far above
 * the normal memory, and far below the bytes sent.
 */
export function expectUnharmed({ answered, wrong, grownMiB }: Account): void {
  expect(wrong).toEqual([]);
  expect(answered).toBeGreaterThan(0);
  expect(grownMiB.arrayBuffers).toBeLessThan(32);
  expect(grownMiB.heapUsed).toBeLessThan(128);
}

/** A frame as a line. */
export const frame = (fields: object) => Buffer.from(`${JSON.stringify(fields)}\n`);
/** As many copies of a line as fit. */
export const repeated = (line: Buffer, bytes = 65_536) =>
  Buffer.concat(Array(Math.floor(bytes / line.length)).fill(line));
