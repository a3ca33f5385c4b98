import { afterEach, expect, test } from 'vitest';
import type { StateChange } from '../../../src/index.js';
import { systemClock } from '../../../src/schedule/system-clock.js';
import { tcpTransport } from '../../../src/transport/tcp/tcp-transport.js';
import { noteFigures } from '../../support/figures.js';
import { until, useStage } from '../../support/stage.js';
import { watch } from '../../support/watch.js';
import { ChorusProcess } from './chorus-process.js';
import { watchDials } from './dial-watch.js';
import { drawn } from './drawn.js';
import { tenthsOf } from './spread.js';

const stage = useStage();

const CIS = 1_000;
const MAX_DIALS = 64;
/** On loopback alone a dial ends before many others have begun, and the limit would never be reached. */
const DIAL_MS = 200;
const RECONNECT_MS = 150;
const WINDOW_MS = 2 * RECONNECT_MS;
/** Timers of a busy process fire late; a request that hangs takes longer than this, though. */
const LATE_MS = 3_000;

const chorus = new ChorusProcess(CIS);
afterEach(() => chorus.kill());

test('1,000 CIs of one process that is killed and started again: dials stay under the limit, and all come back', async () => {
  await chorus.start();
  const wire = watchDials(tcpTransport, systemClock, {
    dialMs: DIAL_MS,
    rewrite: (url) => url.replace('watched:', 'tcp:'),
  });
  const pool = stage.pool({
    cis: Object.fromEntries(chorus.ports.map((port, i) => [`ci${i}`, `watched://127.0.0.1:${port}`])),
    transports: { watched: wire },
    reconnectDelayMs: RECONNECT_MS,
    maxReconnectDelayMs: 500,
    maxDials: MAX_DIALS,
    random: drawn(11),
  });
  const changes: StateChange[] = [];
  pool.states$.subscribe((change) => changes.push(change));
  expect((await pool.warm()).up.length).toBe(CIS);
  expect(wire.most).toBe(MAX_DIALS);
  // So that their links have answered.
  const before = pool.cis.map((ci) => watch(pool.ask(ci, `hello ${ci}`)));
  await Promise.all(before.map(({ ended }) => ended));
  expect(before.every(({ outcome }) => outcome === 'reply')).toBe(true);
  wire.reset();
  changes.length = 0;

  await chorus.kill();
  await until(() => pool.snapshot().totals.states.healthy === 0);
  const startedMs = performance.now();
  const tookMs: number[] = [];
  const ask = (ci: string, waitForReady: boolean) => {
    const one = watch(pool.ask(ci, `hello ${ci}`, { deadlineMs: waitForReady ? 15_000 : 300, waitForReady }));
    void one.ended.then(() => tookMs.push(performance.now() - startedMs));
    return one;
  };
  const patient = pool.cis.map((ci) => ask(ci, true));
  const hasty = pool.cis.map((ci) => ask(ci, false));
  await Promise.all(hasty.map(({ ended }) => ended));
  // There is no listener: none of these was sent, whether its CI was in a backoff or in a dial.
  expect(hasty.filter(({ error }) => error?.delivery !== 'not_sent')).toEqual([]);
  expect(Math.max(...tookMs)).toBeLessThan(300 + LATE_MS);
  await chorus.start();
  await Promise.all(patient.map(({ ended }) => ended));

  expect(patient.map(({ values, ends }) => [values[0]?.content, ends])).toEqual(
    pool.cis.map((ci) => [`hello ${ci} by ${ci} in life 2`, 1]),
  );
  await until(() => pool.snapshot().totals.states.healthy === CIS);
  expect(wire.most).toBeLessThanOrEqual(MAX_DIALS);
  expect(wire.underWay).toBe(0);
  // None went into a backoff when it was lost: each was to be dialled again after a while, or at the next request.
  const first = new Map([...changes].reverse().map((change) => [change.ci, change]));
  expect([...first.values()].filter(({ to, attempt }) => to !== 'idle' || attempt !== 0)).toEqual([]);
  expect(first.size).toBe(CIS);
  for (const share of tenthsOf(
    [...first.values()].map(({ delayMs }) => delayMs),
    WINDOW_MS,
  ))
    expect(share).toBeLessThan(1 / 3);
  const { totals } = pool.snapshot();
  expect([totals.inFlight, totals.waiting]).toEqual([0, 0]);
  expect(totals.connections).toBeLessThanOrEqual(2 * CIS);
  const requests = patient.length + hasty.length;
  noteFigures('storm-tcp', { cis: CIS, maxDials: MAX_DIALS, most: wire.most, dials: wire.begun.length, requests });
});
