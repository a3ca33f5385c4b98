import { expect, test } from 'vitest';
import type { PoolSnapshot } from '../../../src/index.js';
import { noteFigures } from '../../support/figures.js';
import { useStage } from '../../support/stage.js';
import { faultsOf } from './account.js';
import type { CiProcess } from './ci-process.js';
import { Load } from './load.js';
import { useProcesses } from './use-processes.js';

const stage = useStage();
const processes = useProcesses();

/** `KILL_SECONDS`: how long the test goes on, in seconds. Default: 0, each kind of fault once. */
const KILL_SECONDS = Number(process.env.KILL_SECONDS ?? 0);

const MAX_CONNECTIONS = 4;
const WORKERS_EACH = 8;
/** Requests to the CIs with faults have a short deadline; those to the others have time. */
const DEADLINE_MS = 250;
const PATIENT_DEADLINE_MS = 15_000;

type Harm = (ci: CiProcess, load: Load) => Promise<void>;

/** The faults by kind. Each continues only once the CI's users have felt it. */
const harms: Readonly<Record<string, Harm>> = {
  'killed, and started again on the same port': async (ci, load) => {
    const failed = load.more(4, ci.id, 'unavailable');
    await ci.kill();
    await failed;
    await ci.start();
  },
  'frozen, and resumed': async (ci, load) => {
    const failed = load.more(WORKERS_EACH, ci.id, 'deadline_exceeded');
    ci.freeze();
    await failed;
    ci.thaw();
  },
  'frozen, and killed while it is': async (ci, load) => {
    const failed = load.more(4, ci.id, 'deadline_exceeded');
    ci.freeze();
    await failed;
    await ci.kill();
    await ci.start();
  },
};

async function harmInTurn(ci: CiProcess, spared: CiProcess, load: Load, untilMs: number): Promise<void> {
  do {
    for (const harm of Object.values(harms)) {
      await load.more(20, ci.id, 'reply');
      // Its neighbour answers all the while, and it answers again.
      await Promise.all([load.more(10, spared.id, 'reply'), harm(ci, load)]);
    }
    await load.more(20, ci.id, 'reply');
  } while (performance.now() < untilMs);
}

test(
  'CIs under load are killed, frozen and started again: each request is accounted for, on both sides',
  async () => {
    const harmed = await Promise.all([processes.ci('harmed-fifo', 'ordered'), processes.ci('harmed-echoing', 'byId')]);
    const spared = await Promise.all([processes.ci('spared-fifo', 'ordered'), processes.ci('spared-echoing', 'byId')]);
    const cis = [...harmed, ...spared];
    const pool = stage.pool({
      cis: Object.fromEntries(cis.map(({ id, url }) => [id, url])),
      maxConnections: MAX_CONNECTIONS,
      connectTimeoutMs: 500,
      reconnectDelayMs: 20,
      maxReconnectDelayMs: 100,
      healthIntervalMs: 100,
      heartbeatTimeoutMs: 100,
      lateReplyGraceMs: 100,
      provenUptimeMs: 200,
    });
    await pool.warm();
    let mostSockets = 0;
    pool.states$.subscribe(({ ci }) => {
      mostSockets = Math.max(mostSockets, pool.snapshot().cis[ci]?.connections.length ?? 0);
    });
    const deadlinesMs = cis.map((ci) => [ci.id, spared.includes(ci) ? PATIENT_DEADLINE_MS : DEADLINE_MS]);
    const load = new Load(pool, Object.fromEntries(deadlinesMs), WORKERS_EACH);
    const untilMs = performance.now() + KILL_SECONDS * 1_000;
    await Promise.all(harmed.map((ci, i) => harmInTurn(ci, spared[i] as CiProcess, load, untilMs)));
    await load.stop();

    expect(faultsOf(load.sent, new Map(cis.map(({ id, executed }) => [id, executed])))).toEqual([]);
    const unexpected = load.sent.filter(
      ({ ci, error }) => ci.startsWith('spared') && error !== undefined && error.code !== 'ci_error',
    );
    expect(unexpected).toEqual([]);
    expect(mostSockets).toBeLessThanOrEqual(2 * MAX_CONNECTIONS);
    expectBooksToAgree(load, pool.snapshot().totals);
    noteFigures('kill', outcomesOf(load));
  },
  60_000 + KILL_SECONDS * 2_000,
);

/** The pool's own counters must match what its users saw. */
function expectBooksToAgree(load: Load, { metrics, inFlight, waiting }: PoolSnapshot['totals']): void {
  const failed = Object.values(metrics.failed).reduce((sum, count) => sum + (count ?? 0), 0);
  const seen = { succeeded: 0, failed: 0, cancelled: 0 };
  for (const { error, isGivenUp } of load.sent) {
    seen[isGivenUp ? 'cancelled' : error === undefined ? 'succeeded' : 'failed'] += 1;
  }
  expect({ succeeded: metrics.succeeded, failed, cancelled: metrics.cancelled }).toEqual(seen);
  expect([inFlight, waiting]).toEqual([0, 0]);
}

/** How many requests ended in each way. */
function outcomesOf({ sent }: Load): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { error, isGivenUp } of sent) {
    const how = isGivenUp ? 'given up' : error === undefined ? 'answered' : error.delivery;
    counts[how] = (counts[how] ?? 0) + 1;
  }
  return counts;
}
