import { expect, test } from 'vitest';
import { useStage } from '../support/stage.js';
import { watch } from '../support/watch.js';

const stage = useStage();
const CIS = 500;

test.each(['warm', 'broadcast'] as const)('a healthy CI answers while %s dials 500 others', async (dialling) => {
  const [apollo, crowd] = [
    await stage.scripted((request) => request.reply('here')),
    await stage.scripted((request) => request.reply('here, too')),
  ];
  const names = Array.from({ length: CIS }, (_, i) => `ci${i}`);
  const pool = stage.pool({
    cis: { apollo: apollo.url, ...Object.fromEntries(names.map((name) => [name, crowd.url])) },
  });
  await pool.warm(['apollo']);
  let dialled = 0;
  pool.states$.subscribe(({ to }) => {
    if (to === 'connecting') dialled += 1;
  });

  const asking = watch(pool.ask('apollo', 'hello'));
  const all =
    dialling === 'warm'
      ? pool.warm()
      : watch(pool.broadcast('hello', { deadlineMs: 20_000, connectTimeoutMs: 20_000 })).ended;
  await asking.ended;

  expect(asking.values[0]?.content).toBe('here');
  expect(dialled).toBeLessThan(CIS);
  await all;
  expect(pool.snapshot().totals.states.healthy).toBe(CIS + 1);
});
