import { describe, expect, test } from 'vitest';
import { changesOf, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { watch } from '../../support/watch.js';
import { watchDials } from './dial-watch.js';
import { drawn } from './drawn.js';

const stage = useVirtualStage();

const MAX_CONNECTIONS = 4;
const TEN_MINUTES_MS = 600_000;
/** A request may cause one dial of its CI in this time, in ms. */
const BETWEEN_DIALS_MS = 1_000;
/** The defaults of the pool. */
const RECONNECT_MS = 5_000;
const MAX_RECONNECT_MS = 60_000;

/** Ten minutes of a CI that is down, whose dials fail after this time, with two requests a second. */
async function tenMinutesDown(waitForReady: boolean, dialMs: number) {
  const wire = watchDials(stage.wire, stage.clock, { dialMs });
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
    asked.push(watch(pool.ask('apollo', 'again', { waitForReady, deadlineMs: 20_000 })));
    await stage.advance(500);
  }
  await stage.advance(21_000, 1_000);
  await settled();
  return { wire, changes, asked };
}

/** Requests wait until the last deadline; then only the backoff is left. */
const MOST_DIALS = (TEN_MINUTES_MS + 21_000) / BETWEEN_DIALS_MS;

describe.each([
  { waitForReady: true, dialMs: 1_000 },
  { waitForReady: true, dialMs: 10 },
  { waitForReady: false, dialMs: 1_000 },
  { waitForReady: false, dialMs: 10 },
])(
  'a CI that is down for ten minutes, whose dials fail after $dialMs ms, with requests that keep coming (waitForReady $waitForReady)',
  ({ waitForReady, dialMs }) => {
    test('is dialled with a growing backoff; the requests fail, unsent, at once or at their deadlines', async () => {
      const { changes, asked } = await tenMinutesDown(waitForReady, dialMs);
      const backoffs = changes.filter(({ to }) => to === 'reconnecting');
      for (const name of new Set(backoffs.map(({ connection }) => connection))) {
        const own = backoffs.filter(({ connection }) => connection === name);
        expect(own.map(({ attempt }) => attempt)).toEqual(own.map((_, i) => i + 1));
        for (const { attempt, delayMs } of own) {
          // After a dial for a request, no other comes sooner than a request allows.
          expect(delayMs).toBeGreaterThanOrEqual(BETWEEN_DIALS_MS);
          expect(delayMs).toBeLessThanOrEqual(Math.min(MAX_RECONNECT_MS, RECONNECT_MS * 2 ** attempt));
        }
      }
      expect(asked.every(({ ends, error }) => ends === 1 && error?.delivery === 'not_sent')).toBe(true);
    });

    test('is dialled once at a time, about once a second: any of the requests may find it up again', async () => {
      const { wire } = await tenMinutesDown(waitForReady, dialMs);
      expect(wire.most).toBe(1);
      const gapsMs = wire.begun.slice(1).map(({ atMs }, i) => atMs - (wire.begun[i]?.atMs ?? 0));
      expect(Math.min(...gapsMs)).toBeGreaterThanOrEqual(BETWEEN_DIALS_MS);
      expect(wire.begun.length).toBeLessThanOrEqual(MOST_DIALS);
      expect(wire.begun.length).toBeGreaterThan(0.7 * (TEN_MINUTES_MS / BETWEEN_DIALS_MS));
    });
  },
);
