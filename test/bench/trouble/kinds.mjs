import { toAsyncIterable } from '../../../dist/src/index.js';

/** CIs of one kind that make trouble at once. */
export const TROUBLED = 20;
const DEADLINE_MS = 200;
const SLOW_READ_MS = 10;
const BIG_PAUSE_MS = 250;

/** Asks over and over, until told to stop; whatever it ends in. */
function again(ask, isOver) {
  const next = () => {
    if (!isOver()) ask().subscribe({ error: () => setTimeout(next, 5), complete: next });
  };
  next();
}

async function readSlowly(pool, ci, isOver) {
  const options = { bufferSize: 100, overflow: 'dropOldest' };
  const chunks = toAsyncIterable(pool.stream(ci, 'go on', { deadlineMs: 600_000 }), options);
  try {
    for await (const _ of chunks) {
      await new Promise((resolve) => setTimeout(resolve, SLOW_READ_MS));
      if (isOver()) return;
    }
  } catch {
    // It ended with the pool.
  }
}

/** What the users of the troubled CIs do; quiet ones do nothing. */
export const kinds = {
  quiet: { about: 'nobody else', start: () => {} },
  hang: {
    about: `${TROUBLED} CIs never answer, and are asked again at each deadline`,
    start: (pool, cis, isOver) => {
      for (const ci of cis) again(() => pool.ask(ci, 'hello', { deadlineMs: DEADLINE_MS }), isOver);
    },
  },
  flap: {
    about: `${TROUBLED} CIs hang up every 50 ms, and requests wait for them`,
    start: (pool, cis, isOver) => {
      for (const ci of cis) again(() => pool.ask(ci, 'hello', { deadlineMs: DEADLINE_MS, waitForReady: true }), isOver);
    },
  },
  stream: {
    about: 'one CI streams at full rate to a consumer that reads one chunk in 10 ms',
    start: (pool, [ci], isOver) => void readSlowly(pool, ci, isOver),
  },
  big: {
    about: 'one CI answers with 16 MiB, four times a second',
    start: (pool, [ci], isOver) => {
      const next = () => {
        const later = () => setTimeout(next, BIG_PAUSE_MS);
        if (!isOver()) pool.ask(ci, 'hello').subscribe({ error: later, complete: later });
      };
      next();
    },
  },
};
