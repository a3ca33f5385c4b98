import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ConnectionState } from '../../../src/contract/index.js';
import { createPool } from '../../../src/index.js';
import { guard } from '../../../src/observe/inspect.js';
import { CiLog } from '../../../src/observe/log.js';
import { watchableOf } from '../../../src/observe/watchable.js';
import { families } from '../../../src/prometheus/families.js';
import { prometheusText } from '../../../src/prometheus/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { alertExpressions } from '../../proof/monitoring/dashboard.js';
import { root } from '../../support/source-files.js';
import { type Line, recordingLogger } from '../../unit/observe/recording-logger.js';

const file = `${root}docs/monitoring.md`;
const page = readFileSync(file, 'utf8');

/** The table of all metrics, as the code has them. */
function metricsTable(): string {
  const rows = families.map(({ name, type, unit, labels, help }) => {
    const shown = labels.length === 0 ? '' : `{${labels.join(',')}}`;
    return `| \`${name}${shown}\` | ${type === 'info' ? 'gauge' : type} | ${unit ?? ''} | ${help} |`;
  });
  return ['| metric | type | unit | means |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** The cells of a section's first table, without its head. */
function tableOf(heading: string): readonly (readonly string[])[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(2).map((row) => row.split(' | ').map((cell) => cell.replace(/^\||\|$/g, '').trim()));
}

test('the table of the metrics is what the code has: npm run docs:metrics renews it', async () => {
  const renewed = page.replace(
    /(<!-- metrics: .*-->\n)[\s\S]*?(<!-- \/metrics -->)/,
    (_, begin: string, end: string) => `${begin}\n${metricsTable()}\n\n${end}`,
  );
  expect(renewed).toContain(metricsTable());
  await expect(renewed).toMatchFileSnapshot(file);
});

test('a CI has as many series as the page says', async () => {
  const pool = createPool({ cis: { apollo: 'tcp://127.0.0.1:1' }, logger: false });
  const series = (await prometheusText(pool)).split('\n').filter((line) => line.includes('ci="apollo"')).length;
  await pool.close();
  expect(page).toContain(`about ${Math.round(series / 5) * 5} series`);
});

test('the table of the alerts has each of them, in the order of the file', () => {
  expect(tableOf('Alerts').map(([name]) => name)).toEqual([...alertExpressions.keys()].map((name) => `\`${name}\``));
});

describe('the table of the log', () => {
  const states: readonly ConnectionState[] = [
    'idle',
    'connecting',
    'healthy',
    'degraded',
    'retiring',
    'reconnecting',
    'closed',
  ];

  /** Every line that there is. */
  async function allLines(): Promise<readonly Line[]> {
    const logger = recordingLogger();
    const log = new CiLog(logger, 'apollo', new ManualClock());
    const change = {
      ci: 'apollo',
      connection: 'apollo#1',
      from: 'idle',
      reason: '',
      attempt: 0,
      delayMs: 0,
      at: 0,
    } as const;
    for (const to of states) log.stateChanged({ ...change, to }, to === 'reconnecting' ? 'refused' : undefined);
    for (const anomaly of ['stray_frame', 'retired', 'out_of_order'] as const) log.anomaly(anomaly, 'apollo#1');
    log.crashed('apollo#1', new Error('a bug'));
    log.quarantined();
    guard(() => {
      throw new Error('a bug');
    }, logger)({});
    await using pool = createPool({ cis: { apollo: 'tcp://127.0.0.1:1' }, logger });
    watchableOf(pool).intervene({ do: 'drain', ci: 'apollo' });
    return logger.lines;
  }

  test('has each line with its level and its fields', async () => {
    const rows = tableOf('The log').map(([level = '', message = '', fields = '']) => ({
      level: level.replaceAll('`', ''),
      message: message.replaceAll('`', ''),
      fields: [...fields.matchAll(/`(\w+)`/g)].map(([, field]) => field as string),
    }));
    const used = new Set<string>();
    for (const { level, message, fields } of await allLines()) {
      const exact = message.replace(/^\w+ -> /, '<state> -> ');
      const row =
        rows.find((one) => one.message === exact) ??
        rows.find((one) => one.message === exact.replace(/-> \w+$/, '-> <state>'));
      expect(row, message).toBeDefined();
      used.add(row?.message ?? '');
      expect([level, message]).toEqual([row?.level, message]);
      const shown = Object.keys(fields).filter((field) => field !== 'ci' && fields[field] !== undefined);
      const listed = row?.fields.filter((field) => field !== 'ci') ?? [];
      expect(
        shown.filter((field) => !listed.includes(field)),
        message,
      ).toEqual([]);
      // An intervention is on a connection or on a CI.
      if (message !== 'intervention by hand')
        expect(
          listed.filter((field) => !shown.includes(field)),
          message,
        ).toEqual([]);
    }
    expect(rows.map(({ message }) => message).filter((message) => !used.has(message))).toEqual([]);
  });

  test('lists every place of the code that writes a line', () => {
    const places = ['src/observe/log.ts', 'src/observe/inspect.ts', 'src/pool/pool-watch.ts'];
    const calls = places.map(
      (path) => [...readFileSync(root + path, 'utf8').matchAll(/(?:#write|logger\.\w+)\((?!level)/g)].length,
    );
    expect(calls).toEqual([4, 1, 1]);
  });
});
