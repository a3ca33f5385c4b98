/** A server that is killed and started again, under twenty requests a second. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, withPool } from '../choragus-client.mjs';
import { countsOf } from './check-leaving.mjs';
import { startPython } from './start-leaving-peer.mjs';

const ASK_EVERY_MS = 50;
const FOUND_WITHIN_MS = 1_500;
/** One dial a second; a timer may fire a moment early. */
const SHORTEST_GAP_MS = 980;
const GIVE_UP_MS = 45_000;
/** On the clock of the servers, which report when they listen. */
const nowMs = () => performance.timeOrigin + performance.now();

export async function checkOutage(list, { kind, ids, outageMs, waitForReady }) {
  const mode = waitForReady ? 'waitForReady' : 'without waitForReady';
  const name = `an outage of ${outageMs / 1_000} s, ${kind}, ${ids ? 'ids' : 'no ids'}, ${mode}`;
  await list.check(name, () => runOutage({ list, name, kind, ids, outageMs, waitForReady }), outageMs + 120_000);
}

async function runOutage({ list, name, kind, ids, outageMs, waitForReady }) {
  let server = await startPython({ kind, ids });
  try {
    return await withPool(server.url, async ({ pool }) => {
      await ask(pool, 'before');
      await sleep(1_200);
      const dialsMs = [];
      pool.states$.subscribe(({ to }) => to === 'connecting' && dialsMs.push(nowMs()));
      const { port } = server;
      await server.kill('SIGKILL');
      const caller = new SteadyCaller(pool, waitForReady);
      await sleep(outageMs);
      const during = [...caller.asked];
      server = await startPython({ kind, ids, port });
      const backMs = server.listeningMs;
      const foundMs = await caller.untilAnswered(backMs);
      await caller.stop();
      const outageDialsMs = dialsMs.filter((atMs) => atMs < backMs);
      const gaps = outageDialsMs.slice(1).map((atMs, i) => Math.round(atMs - outageDialsMs[i]));
      const shortest = Math.min(...gaps);
      list.note(name, { foundMs, dials: outageDialsMs.length, shortestGapMs: shortest });
      const failed = countsOf(during.filter(({ code }) => code !== undefined));
      const answered = during.filter(({ code, ms }) => code === undefined && ms !== undefined).length;
      const shown = `found after ${foundMs} ms, ${outageDialsMs.length} dials during it, shortest gap ${shortest} ms; asked meanwhile: ${[...failed, `${answered} answered`].join(', ')}`;
      assert.ok(foundMs <= FOUND_WITHIN_MS, shown);
      assert.ok(shortest >= SHORTEST_GAP_MS, shown);
      // Early dials found it, not a backoff that ended by chance.
      assert.ok(outageDialsMs.length >= outageMs / 1_000 - 1, shown);
      // Nothing was outstanding when the server was killed, so nothing was sent in vain.
      if (waitForReady) assert.equal(answered, during.length, shown);
      else assert.deepEqual(failed, [`${during.length} unavailable not_sent`], shown);
      return shown;
    });
  } finally {
    await server.kill('SIGKILL');
  }
}

/** Asks every 50 ms from now on. */
class SteadyCaller {
  asked = [];
  #ends = [];
  #timer;
  #pool;
  #options;

  constructor(pool, waitForReady) {
    this.#pool = pool;
    this.#options = { waitForReady, deadlineMs: 120_000 };
    this.#timer = setInterval(() => this.#ask(), ASK_EVERY_MS);
  }

  /** Settles with the time from `sinceMs` to the first answer. */
  async untilAnswered(sinceMs) {
    for (;;) {
      const answeredMs = this.asked.flatMap(({ code, ms }) => (code === undefined && ms >= sinceMs ? [ms] : []));
      if (answeredMs.length > 0) return Math.round(Math.min(...answeredMs) - sinceMs);
      if (nowMs() - sinceMs > GIVE_UP_MS) return Number.POSITIVE_INFINITY;
      await sleep(5);
    }
  }

  /** Stops asking; settles once all have ended. */
  async stop() {
    clearInterval(this.#timer);
    await Promise.all(this.#ends);
  }

  #ask() {
    const one = {};
    this.asked.push(one);
    const end = ask(this.#pool, `question ${this.asked.length}`, this.#options).then(
      () => Object.assign(one, { ms: nowMs() }),
      ({ code = 'a bug', delivery }) => Object.assign(one, { ms: nowMs(), code, delivery }),
    );
    this.#ends.push(end);
  }
}
