import { setTimeout as sleep } from 'node:timers/promises';
import { toAsyncIterable } from '../../../dist/src/index.js';

/** Number of CIs of one kind that make trouble at once. */
export const TROUBLED = 20;
export const DEADLINE_MS = 200;
/** A lost link is dialled again after a random time up to this, or half of it at first. */
export const BACKOFF_MS = 100;
const SLOW_READ_MS = 10;
const BIG_PAUSE_MS = 250;
const CROWD = 100;
const CROWD_PAUSE_MS = 1_000;

/** Asks repeatedly, with any result. */
function again(ask) {
  const next = () => ask().subscribe({ error: () => setTimeout(next, 5), complete: next });
  next();
}

/** A stream that reaches `maxReplyBytes` is followed by the next. */
async function readSlowly(pool, ci) {
  const options = { bufferSize: 100, overflow: 'dropOldest' };
  for (;;) {
    try {
      for await (const _ of toAsyncIterable(pool.stream(ci, 'go on'), options)) await sleep(SLOW_READ_MS);
    } catch (error) {
      if (error.code !== 'reply_too_large') throw error;
    }
  }
}

async function addCrowds(pool, url) {
  for (let crowd = 0; ; crowd += 1) {
    const names = Array.from({ length: CROWD }, (_, index) => `crowd-${crowd}-${index}`);
    for (const name of names) pool.add(name, url);
    await pool.warm(names);
    await sleep(CROWD_PAUSE_MS);
  }
}

/** The acts of the users of the troubled CIs, until the process ends; quiet ones do nothing. */
export const kinds = {
  quiet: { about: 'no other CIs', isByHand: true, start: () => {} },
  hang: {
    about: `${TROUBLED} CIs never answer, and get a new request after each deadline`,
    isByHand: true,
    start: (pool, cis) => {
      for (const ci of cis) again(() => pool.ask(ci, 'hello', { deadlineMs: DEADLINE_MS }));
    },
  },
  flap: {
    about: `${TROUBLED} CIs hang up every 50 ms, and requests wait for them`,
    isByHand: true,
    start: (pool, cis) => {
      for (const ci of cis) again(() => pool.ask(ci, 'hello', { deadlineMs: DEADLINE_MS, waitForReady: true }));
    },
  },
  crowd: {
    about: `${CROWD} more CIs are added and dialled each second`,
    start: (pool, _, url) => void addCrowds(pool, url),
  },
  stream: {
    about: 'one CI streams at full rate to a consumer that reads one chunk in 10 ms',
    start: (pool, [ci]) => void readSlowly(pool, ci),
  },
  big: {
    about: 'one CI answers with 16 MiB, four times a second',
    start: (pool, [ci]) => {
      const later = () => setTimeout(next, BIG_PAUSE_MS);
      const next = () => pool.ask(ci, 'hello').subscribe({ error: later, complete: later });
      next();
    },
  },
};
