import { describe, expect, test } from 'vitest';
import { changesOf, settled, useVirtualStage } from '../support/virtual-stage.js';
import { watch } from '../support/watch.js';
import { watchDials } from './dial-watch.js';
import { drawn } from './drawn.js';

const stage = useVirtualStage();

const MAX_CONNECTIONS = 4;
const TEN_MINUTES_MS = 600_000;
/** The defaults of the pool. */
const RECONNECT_MS = 5_000;
const MAX_RECONNECT_MS = 60_000;

/** Ten minutes of a CI that is down, whose dials take a second to fail, while requests come that wait for it. */
async function tenMinutesDown() {
  const wire = watchDials(stage.wire, stage.clock, { dialMs: 1_000 });
  const pool = stage.pool({
    cis: { apollo: 'memory://nobody' },
    transports: { memory: wire },
    maxConnections: MAX_CONNECTIONS,
    maxWaiting: 50,
    random: drawn(9),
  });
  const changes = changesOf(pool);
  const first = watch(pool.ask('apollo', 'first'));
  await stage.advance(1_500, 500);
  expect(first.outcome).toBe('unavailable not_sent connect');
  expect(wire.begun.length).toBe(1);
  wire.reset();
  const asked = [];
  for (let passedMs = 0; passedMs < TEN_MINUTES_MS; passedMs += 500) {
    asked.push(watch(pool.ask('apollo', 'patient', { waitForReady: true, deadlineMs: 20_000 })));
    await stage.advance(500);
  }
  await stage.advance(21_000, 1_000);
  await settled();
  return { wire, changes, asked };
}

describe('a CI that is down for ten minutes, with requests that keep coming and wait for it', () => {
  test('is dialled by each connection with a backoff that grows; the requests fail, unsent, by their deadlines', async () => {
    const { wire, changes, asked } = await tenMinutesDown();
    const backoffs = changes.filter(({ to }) => to === 'reconnecting');
    for (const name of new Set(backoffs.map(({ connection }) => connection))) {
      const own = backoffs.filter(({ connection }) => connection === name);
      expect(own.map(({ attempt }) => attempt)).toEqual(own.map((_, i) => i + 1));
      for (const { attempt, delayMs } of own) {
        expect(delayMs).toBeLessThanOrEqual(Math.min(MAX_RECONNECT_MS, RECONNECT_MS * 2 ** attempt));
      }
    }
    expect(wire.most).toBeLessThanOrEqual(MAX_CONNECTIONS);
    expect(wire.begun.length).toBeLessThan(MAX_CONNECTIONS * 30);
    expect(asked.every(({ ends, error }) => ends === 1 && error?.delivery === 'not_sent')).toBe(true);
  });

  test("is dialled once at a time: its backoff is the CI's, also while its one connection dials again", async () => {
    const { wire } = await tenMinutesDown();
    expect(wire.most).toBe(1);
    expect(wire.begun.length).toBeLessThan(30);
  });
});
