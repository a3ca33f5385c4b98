import { describe, expect, test, vi } from 'vitest';
import type { DrainReport, Pool } from '../../../src/index.js';
import { type MemoryScript, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { type Watched, watch } from '../../support/watch.js';

const stage = useVirtualStage();

/** A CI that holds its requests, each with its answer function. */
function keeping(): { readonly script: MemoryScript; readonly answer: (() => void)[] } {
  const answer: (() => void)[] = [];
  const script: MemoryScript = ({ request_id }, peer) => {
    answer.push(() => peer.send({ type: 'chat_response', content: 'late', request_id }));
  };
  return { script, answer };
}

interface Scene {
  readonly pool: Pool;
  readonly asked: readonly Watched<unknown>[];
  readonly answer: readonly (() => void)[];
}

/** A pool with this many requests in flight. */
async function scene(requests: number): Promise<Scene> {
  const { script, answer } = keeping();
  const { url } = stage.ci('apollo', script);
  const pool = stage.pool({ cis: { apollo: url } });
  const asked = Array.from({ length: requests }, () => watch(pool.ask('apollo', 'hello')));
  await settled();
  expect(answer).toHaveLength(requests);
  return { pool, asked, answer };
}

/** Returns the report of the one CI, which must equal the total. */
function countsOf({ finished, cut, cis }: DrainReport): { finished: number; cut: number } {
  expect(cis).toEqual(finished + cut === 0 ? {} : { apollo: { finished, cut } });
  return { finished, cut };
}

type End = (scene: Scene, meanwhile?: () => void) => Promise<DrainReport[]>;

/** Runs an action during the drain, then advances the time until the rest is cut. */
async function untilCut(meanwhile: () => void = () => {}): Promise<void> {
  meanwhile();
  await settled();
  await stage.advance(20);
}

/** The ways to drain a CI, each with a cut after 20 ms. */
const ends: Readonly<Record<string, End>> = {
  'close() alone': async ({ pool }, meanwhile) => {
    const closing = pool.close({ drainTimeoutMs: 20 });
    await untilCut(meanwhile);
    return [await closing];
  },
  'remove() alone': async ({ pool }, meanwhile) => {
    const removing = pool.remove('apollo', { drainTimeoutMs: 20 });
    await untilCut(meanwhile);
    return [await removing];
  },
  'remove(), and a close() that cuts it short': async ({ pool }, meanwhile) => {
    const removing = pool.remove('apollo', { drainTimeoutMs: 10_000 });
    const closing = pool.close({ drainTimeoutMs: 20 });
    await untilCut(meanwhile);
    return [await removing, await closing];
  },
  'close(), and a remove() that is cut shorter': async ({ pool }, meanwhile) => {
    const removing = pool.remove('apollo', { drainTimeoutMs: 20 });
    const closing = pool.close({ drainTimeoutMs: 10_000 });
    await untilCut(meanwhile);
    return [await removing, await closing];
  },
  'both at one moment': async ({ pool }, meanwhile) => {
    const removing = pool.remove('apollo', { drainTimeoutMs: 20 });
    const closing = pool.close({ drainTimeoutMs: 20 });
    await untilCut(meanwhile);
    return [await removing, await closing];
  },
};

describe.each(Object.entries(ends))('%s', (_name, end) => {
  test('requests that are cut are reported as cut, and fail with `closed`', async () => {
    const made = await scene(3);
    const reports = await end(made);
    expect(reports.map(countsOf)).toEqual(reports.map(() => ({ finished: 0, cut: 3 })));
    expect(made.asked.map(({ outcome }) => outcome)).toEqual(Array(3).fill('closed maybe_sent total'));
  });

  test('requests answered in time are reported as finished, the rest as cut', async () => {
    const made = await scene(3);
    const reports = await end(made, () => made.answer[0]?.());
    expect(reports.map(countsOf)).toEqual(reports.map(() => ({ finished: 1, cut: 2 })));
    expect(made.asked.map(({ outcome }) => outcome).sort()).toEqual([
      'closed maybe_sent total',
      'closed maybe_sent total',
      'reply',
    ]);
  });

  test('nothing in flight: nothing finished, and nothing cut', async () => {
    const reports = await end(await scene(0));
    expect(reports.map(countsOf)).toEqual(reports.map(() => ({ finished: 0, cut: 0 })));
  });
});

test('a close() after a remove() has cut reports none of its requests again', async () => {
  const { pool } = await scene(2);
  const removing = pool.remove('apollo', { drainTimeoutMs: 0 });
  await stage.advance(1);
  expect(countsOf(await removing)).toEqual({ finished: 0, cut: 2 });
  expect(countsOf(await pool.close())).toEqual({ finished: 0, cut: 0 });
});

test('close() counts a CI being removed together with its successor of the same name', async () => {
  const { pool } = await scene(2);
  const removing = pool.remove('apollo', { drainTimeoutMs: 10_000 });
  pool.add('apollo', 'memory://apollo');
  const again = watch(pool.ask('apollo', 'hello'));
  await settled();
  const closing = pool.close({ drainTimeoutMs: 20 });
  await stage.advance(20);
  expect(countsOf(await removing)).toEqual({ finished: 0, cut: 2 });
  expect(countsOf(await closing)).toEqual({ finished: 0, cut: 3 });
  expect(again.outcome).toBe('closed maybe_sent total');
});

test('a CI named constructor counts like any other', async () => {
  const { script } = keeping();
  const { url } = stage.ci('constructor', script);
  const pool = stage.pool({ cis: { constructor: url } });
  const asked = watch(pool.ask('constructor', 'hello'));
  await settled();
  const closing = pool.close({ drainTimeoutMs: 20 });
  await stage.advance(20);
  expect((await closing).cis).toEqual(Object.fromEntries([['constructor', { finished: 0, cut: 1 }]]));
  expect(asked.outcome).toBe('closed maybe_sent total');
});

describe('a closed pool', () => {
  test('takes the calls that come late without a warning of its machine', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { pool } = await scene(1);
    const closing = pool.close({ drainTimeoutMs: 0 });
    stage.clock.advance(1);
    await closing;
    void pool.remove('apollo').catch(() => {});
    void pool.close();
    await settled();
    expect(warned.mock.calls).toEqual([]);
  });
});
