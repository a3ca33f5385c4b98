import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, test } from 'vitest';
import type { ChoragusError } from '../../../src/index.js';
import { noteFigures } from '../../support/figures.js';
import { useStage } from '../../support/stage.js';
import { watch } from '../../support/watch.js';
import { LagWatch } from './lag-watch.js';
import { LOSS_PERCENT, openLossyLink } from './lossy-link.js';

const LATE_MS = 50;
const REQUESTS = 120;
/** Requests begun at once, so that connections are shared and requests wait. */
const WAVE = 15;
const deadlinesMs = [60, 90, 130, 190, 270];

const link = openLossyLink();
const cannot = typeof link === 'string' ? `; skipped, since ${link}` : '';
afterAll(() => {
  if (typeof link !== 'string') link.close();
});

/** A CI that prints each request, and answers each by its name. */
const SERVED = `
  import { serveCi } from 'choragus';
  const [host, correlation] = process.argv.slice(-2);
  const handler = ({ content }) => {
    console.log(content);
    return 'to ' + content;
  };
  const ci = await serveCi({ id: 'far', correlation, listen: { host }, handler });
  console.log(ci.url);
`;

/** A CI in its own process, in the network behind the link. */
interface FarCi {
  readonly url: string;
  /** The requests it received, in order. */
  readonly got: readonly string[];
  close(): Promise<void>;
}

async function openFarCi(prefix: readonly string[], host: string, correlation: string): Promise<FarCi> {
  const [command, ...rest] = [...prefix, process.execPath, '--input-type=module', '-e', SERVED, host, correlation];
  const env = { ...process.env, NODE_OPTIONS: '', NODE_V8_COVERAGE: '' };
  const child: ChildProcess = spawn(command as string, rest, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const got: string[] = [];
  const closed = once(lines, 'close');
  const [url] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as [string];
  if (!String(url).startsWith('tcp:')) throw new Error(`the far CI did not begin: ${url}`);
  lines.on('line', (line) => got.push(line));
  return {
    url,
    got,
    close: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

describe(`a link that loses ${LOSS_PERCENT} % of all packets${cannot}`, () => {
  const stage = useStage();

  test.skipIf(cannot !== '').each(['ordered', 'byId'])('to a CI that is %s', async (correlation) => {
    if (typeof link === 'string') return;
    const far = await openFarCi(link.prefix, link.host, correlation);
    const lag = new LagWatch();
    try {
      const pool = stage.pool({
        cis: { far: far.url },
        connectTimeoutMs: 150,
        reconnectDelayMs: 10,
        maxReconnectDelayMs: 40,
        lateReplyGraceMs: 200,
      });
      const startMs = performance.now();
      const all: Awaited<ReturnType<typeof ask>>[] = [];
      const ask = async (i: number) => {
        const deadlineMs = deadlinesMs[i % deadlinesMs.length] as number;
        const askedMs = performance.now();
        const options = { deadlineMs, waitForReady: i % 3 > 0 };
        const asked = watch(pool.ask('far', `${i}`, options));
        await asked.ended;
        return { i, asked, lateMs: performance.now() - askedMs - deadlineMs };
      };
      // The losses are random: in a bad streak no request is answered, and there is nothing to check yet.
      const isEnough = (i: number) =>
        i >= 20 * REQUESTS || (i >= REQUESTS && all.some(({ asked }) => asked.outcome === 'reply'));
      for (let i = 0; !isEnough(i); i += WAVE) {
        all.push(...(await Promise.all(Array.from({ length: WAVE }, (_, j) => ask(i + j)))));
      }
      await pool.close({ drainTimeoutMs: 0 });
      const { totalMs } = await lag.since(startMs);
      const answered = all.filter(({ asked }) => asked.outcome === 'reply');
      const unsent = all.filter(({ asked }) => asked.error?.delivery === 'not_sent');
      expect(answered.length).toBeGreaterThan(0);
      expect(answered.map(({ asked }) => asked.values[0]?.content)).toEqual(answered.map(({ i }) => `to ${i}`));
      expect(all.filter(({ asked }) => asked.ends !== 1)).toEqual([]);
      expect(Math.max(...all.map(({ lateMs }) => lateMs))).toBeLessThan(LATE_MS + totalMs);
      const codes = new Set(all.flatMap(({ asked }) => asked.error?.code ?? []));
      const allowed: ChoragusError['code'][] = ['deadline_exceeded', 'unavailable', 'connection_lost'];
      expect([...codes].filter((code) => !allowed.includes(code))).toEqual([]);
      // Once it has ended, everything it printed has been read.
      await far.close();
      expect(new Set(far.got).size).toBe(far.got.length);
      expect(far.got.filter((content) => unsent.some(({ i }) => content === `${i}`))).toEqual([]);
      for (const { i } of answered) expect(far.got).toContain(`${i}`);
      noteFigures(`loss-${correlation}`, {
        requests: all.length,
        answered: answered.length,
        lossPercent: LOSS_PERCENT,
      });
    } finally {
      lag.stop();
      await far.close();
    }
  });
});
