import { filter, firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import type { Pool } from '../../../src/index.js';
import { until, useStage } from '../../support/stage.js';
import { watch } from '../../support/watch.js';

const stage = useStage();
const CIS = 500;

/** One CI, and 500 others in one process. */
async function setUp() {
  const [apollo, crowd] = [
    await stage.scripted((request) => request.reply('here')),
    await stage.scripted((request) => request.reply('here, too')),
  ];
  const names = Array.from({ length: CIS }, (_, i) => `ci${i}`);
  const pool = stage.pool({
    cis: { apollo: apollo.url, ...Object.fromEntries(names.map((name) => [name, crowd.url])) },
    reconnectDelayMs: 60_000,
  });
  await pool.warm(['apollo']);
  return { pool, crowd, names };
}

/** Counts the changes to a state from now on. */
function countOf(pool: Pool, state: string): () => number {
  let count = 0;
  pool.states$.subscribe(({ to }) => {
    if (to === state) count += 1;
  });
  return () => count;
}

test.each(['warm', 'broadcast'] as const)('a healthy CI answers while %s dials 500 others', async (dialling) => {
  const { pool } = await setUp();
  const dialled = countOf(pool, 'connecting');

  const asking = watch(pool.ask('apollo', 'hello'));
  const all =
    dialling === 'warm'
      ? pool.warm()
      : watch(pool.broadcast('hello', { deadlineMs: 20_000, connectTimeoutMs: 20_000 })).ended;
  await asking.ended;

  expect(asking.values[0]?.content).toBe('here');
  expect(dialled()).toBeLessThan(CIS);
  await all;
  expect(pool.snapshot().totals.states.healthy).toBe(CIS + 1);
});

test('a healthy CI answers while the links of 500 others are lost', async () => {
  const { pool, crowd, names } = await setUp();
  await pool.warm(names);
  const lost = countOf(pool, 'reconnecting');
  const first = firstValueFrom(pool.states$.pipe(filter(({ to }) => to === 'reconnecting')));
  crowd.onRequest(() => {});
  const under = names.map((name) => watch(pool.ask(name, 'hello', { deadlineMs: 20_000 })));
  await until(() => crowd.received.length === CIS);

  for (const connection of crowd.connections) connection.reset();
  await first;
  const asking = watch(pool.ask('apollo', 'hello'));
  await asking.ended;

  expect(asking.values[0]?.content).toBe('here');
  expect(lost()).toBeLessThan(CIS);
  await Promise.all(under.map(({ ended }) => ended));
  expect(new Set(under.map(({ outcome }) => outcome))).toEqual(new Set(['connection_lost maybe_sent total']));
  expect(pool.snapshot().totals).toMatchObject({ inFlight: 0, waiting: 0 });
});

test.each(['removed', 'closed'] as const)('a healthy CI answers while 500 others are %s', async (how) => {
  const { pool: other, names, crowd } = await setUp();
  const pool = stage.pool({ cis: Object.fromEntries(names.map((name) => [name, crowd.url])) });
  await pool.warm();
  const closed = countOf(pool, 'closed');
  const first = firstValueFrom(pool.states$.pipe(filter(({ to }) => to === 'closed')));

  const ends = how === 'removed' ? Promise.all(names.map((name) => pool.remove(name))) : pool.close();
  await first;
  const asking = watch(other.ask('apollo', 'hello'));
  await asking.ended;

  expect(asking.values[0]?.content).toBe('here');
  expect(closed()).toBeLessThan(CIS);
  await ends;
  expect(closed()).toBe(CIS);
});
