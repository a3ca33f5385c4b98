import { describe, expect, test } from 'vitest';
import { statusTable } from '../../../src/cli/status-table.js';
import { createPool, type PoolSnapshot } from '../../../src/index.js';
import { LiveBlock, styleFor } from '../../../src/terminal/screen.js';
import { CapturedOutput } from '../../support/captured-output.js';
import { useCommand } from '../../support/command-rig.js';
import { until } from '../../support/stage.js';

const { run, ci } = useCommand();
const style = styleFor('plain');

/** A pool's snapshot with these CIs in these states. */
async function snapshotOf(states: Readonly<Record<string, 'healthy' | 'reconnecting'>>): Promise<PoolSnapshot> {
  const cis = Object.fromEntries(Object.keys(states).map((name) => [name, 'tcp://localhost:45012']));
  await using pool = createPool({ cis, logger: false });
  const { cis: all, ...rest } = pool.snapshot();
  const lastError = { code: 'unavailable', message: '[unavailable] nothing listens there', at: 0 } as const;
  const changed = Object.entries(all).map(([name, one]) => {
    const state = states[name] as 'healthy' | 'reconnecting';
    const changes = { state, since: rest.at - 5_000, lastError: state === 'healthy' ? undefined : lastError };
    return [name, { ...one, ...changes }];
  });
  return { ...rest, cis: Object.fromEntries(changed) };
}

describe('the live table', () => {
  test('has a row for each CI, and their total', async () => {
    const snapshot = await snapshotOf({ apollo: 'healthy', athena: 'reconnecting' });
    expect(statusTable(snapshot, { columns: 100, rows: 24, style })).toEqual([
      'CI           state             for  address',
      'apollo       healthy           5 s  tcp://localhost:45012  connected in 0.000 s',
      'athena       reconnecting      5 s  tcp://localhost:45012  nothing listens there',
      '1 of 2 up',
    ]);
  });

  test.each([10, 20, 40, 60, 80])('fits into %d columns', async (columns) => {
    const snapshot = await snapshotOf({ apollo: 'healthy', ['x'.repeat(60)]: 'reconnecting' });
    for (const line of statusTable(snapshot, { columns, rows: 24, style })) expect(line.length).toBeLessThan(columns);
  });

  test('shows CIs that are down first if rows are missing, and the number left out', async () => {
    const states = Array.from({ length: 30 }, (_, i) => [`ci${i}`, i === 28 ? 'reconnecting' : 'healthy']);
    const lines = statusTable(await snapshotOf(Object.fromEntries(states)), { columns: 80, rows: 10, style });
    expect(lines).toHaveLength(9);
    expect(lines[1]).toMatch(/^ci28 +reconnecting/);
    expect(lines.slice(-2)).toEqual(['and 24 more', '29 of 30 up']);
  });
});

test('a block is redrawn in place, also with more or fewer lines', () => {
  const writes: string[] = [];
  const block = new LiveBlock(new CapturedOutput('terminal', 80, (text) => writes.push(text)));
  block.draw(['one', 'two']);
  block.draw(['three']);
  expect(writes).toEqual(['\rone\u001b[K\ntwo\u001b[K\n\u001b[J', '\r\u001b[2Athree\u001b[K\n\u001b[J']);
});

describe('choragus status --watch on a terminal', () => {
  /** Returns the current block on the screen: the one drawn last. */
  const screenOf = (text: string): string[] => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes of the terminal are what is taken away
    const plain = (text.split('\r').at(-1) ?? '').replace(/\u001b\[[\d;]*[A-Za-z]/g, '');
    return plain.split('\n').slice(0, -1);
  };

  test.each([{}, { NO_COLOR: '1' }])('is a table that updates until Ctrl-C: 130 (%j)', async (env) => {
    const served = await ci();
    const cancelling = new AbortController();
    const stdout = new CapturedOutput('terminal', 70);
    const argv = ['status', '--watch', '--ci', `apollo=${served.url}`];
    const ended = run(argv, { stdout, env, signal: cancelling.signal });
    await until(() => screenOf(stdout.text)[1]?.startsWith('apollo       healthy') === true);
    await served.close();
    await until(() => /^apollo {7}(?:reconnecting|idle)/.test(screenOf(stdout.text)[1] ?? ''));
    cancelling.abort('SIGINT');
    const { code, err } = await ended;
    expect([code, err]).toEqual([130, '']);
    expect(screenOf(stdout.text)).toEqual([
      expect.stringMatching(/^CI +state +for +address$/),
      expect.stringMatching(/^apollo /),
      '0 of 1 up',
    ]);
    expect(stdout.text.includes('\u001b[32m')).toBe(!('NO_COLOR' in env));
  });

  test('is a log if the terminal cannot move its cursor', async () => {
    const { url } = await ci();
    const cancelling = new AbortController();
    const stdout = new CapturedOutput('terminal', 80, () => cancelling.abort('SIGTERM'));
    const argv = ['status', '--watch', '--ci', `apollo=${url}`];
    const { code, out } = await run(argv, { stdout, env: { TERM: 'dumb' }, signal: cancelling.signal });
    expect([code, out]).toEqual([143, expect.stringMatching(/^apollo {7}healthy {7}tcp:\S+ {2}connected in .*\n$/)]);
  });
});
