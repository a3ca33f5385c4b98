import { expect, test } from 'vitest';
import type { MemoryPeer } from '../../../src/testing/index.js';
import { answers, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { type Watched, watch } from '../../support/watch.js';
import { watchDials } from './dial-watch.js';
import { drawn } from './drawn.js';

const stage = useVirtualStage();

/** The defaults of the pool. */
const BETWEEN_REDIALS_MS = 20;
const BETWEEN_EARLY_DIALS_MS = 1_000;
const OUTAGES = 200;

/** A CI that answers the first request of each link, and closes after the answer. */
const answersOnce = (request: Parameters<typeof answers>[0], peer: MemoryPeer): void => {
  answers(request, peer);
  peer.close();
};

test('a request that waits for a redial is served, even though another one waited for an early dial', async () => {
  const ci = stage.ci('apollo', answersOnce);
  ci.leave();
  const pool = stage.pool({ cis: { apollo: ci.url }, reconnectDelayMs: 100, maxReconnectDelayMs: 100 });
  expect(await watch(pool.ask('apollo', 'down')).ended).toBe('unavailable not_sent connect');
  // It waits for the backoff, or for the time of an early dial: the backoff is over first.
  const patient = watch(pool.ask('apollo', 'patient', { waitForReady: true }));
  ci.comeBack();
  await stage.advance(300, 10);
  expect(patient.outcome).toBe('reply');
  const first = watch(pool.ask('apollo', 'first'));
  await stage.advance(5);
  const second = watch(pool.ask('apollo', 'second', { deadlineMs: 10_000 }));
  await stage.advance(BETWEEN_REDIALS_MS);
  expect([first.outcome, second.outcome]).toEqual(['reply', 'reply']);
});

test('two hundred outages of many kinds: a waiting request is answered soon after its CI is back', async () => {
  const random = drawn(17);
  const ci = stage.ci('apollo', (request, peer) => (random() < 0.3 ? answersOnce : answers)(request, peer));
  const wire = watchDials(stage.wire, stage.clock, { dialMs: 3 });
  const pool = stage.pool({ cis: { apollo: ci.url }, transports: { memory: wire }, reconnectDelayMs: 200, random });
  const asked: Watched<unknown>[] = [];
  const ask = (): void => {
    asked.push(watch(pool.ask('apollo', `q${asked.length}`, { waitForReady: true, deadlineMs: 60_000 })));
  };
  for (let outage = 0; outage < OUTAGES; outage += 1) {
    ask();
    await stage.advance(Math.ceil(30 * random()));
    ci.leave();
    if (random() < 0.5) for (const peer of ci.peers) peer.fail();
    ask();
    await stage.advance(Math.ceil(300 * random()));
    ci.comeBack();
    ask();
    // The backoff of a CI that was down for at most 0.3 s, with constant requests, is over by then; and so is a second without a dial.
    await stage.advance(2 * BETWEEN_EARLY_DIALS_MS, 100);
    expect(asked.filter(({ ends }) => ends === 0).length, `after ${outage + 1} outages`).toBe(0);
  }
  await settled();
  const lost = asked.filter(({ outcome }) => outcome !== 'reply');
  expect(lost.every(({ error }) => error?.code === 'connection_lost')).toBe(true);
  expect(wire.begun.length).toBeLessThan(10 * OUTAGES);
});
