import { expect, test } from 'vitest';
import { changesOf } from '../../../../src/inspector/feed/ci-row.js';
import type { CiRow, Recorded, Summary } from '../../../../src/inspector/feed/records.js';
import { Model } from '../../../../src/inspector/page/model.js';
import { parseRecording } from '../../../../src/inspector/page/recording-format.js';
import { Replay } from '../../../../src/inspector/page/replay.js';
import { Tape } from '../../../../src/inspector/page/tape.js';
import { hello, row } from './records.js';

const window = { seconds: 30, succeeded: 0, failed: 9, p50: 1, p99: 1 };
const trouble = {
  downSince: 900,
  unansweredSince: 950,
  recent: { s30: window, m1: window, m5: window, h1: window },
  lastError: { code: 'unavailable', message: 'refused', at: 990 },
} satisfies Partial<CiRow>;
const down = { ...row('apollo', 'reconnecting'), ...trouble };
const up = { ...row('apollo', 'healthy'), seq: 1 };

function summaryOf(at: number, known: CiRow | undefined, now: CiRow): Summary {
  const states = { idle: 0, connecting: 0, healthy: 0, degraded: 0, retiring: 0, reconnecting: 0, closed: 0 };
  const rows = [changesOf(known, now) ?? []].flat();
  return { t: 'summary', at, pool: 'running', rows, states, inFlight: 0, waiting: 0, perSecond: 0, p50: 0, p99: 0 };
}

const started: readonly Recorded[] = [
  hello(),
  { t: 'cis', at: 1_000, isFirst: true, rows: [down], left: 0 },
  { t: 'ready', at: 1_000 },
];
/** As they arrive in a page. */
const sent = (records: readonly Recorded[]): Recorded[] => JSON.parse(JSON.stringify(records));
const troubleIn = (model: Model) => Object.keys(model.cis.get('apollo') ?? {}).filter((name) => name in trouble);

test.each([
  ['the changes of a row', down],
  ['a whole row, because another watcher knows none', undefined],
])('a trouble that is over is gone from the page: by %s', (_how, known) => {
  const model = new Model();
  model.apply(sent(started));
  expect(troubleIn(model)).toEqual(Object.keys(trouble));
  model.apply(sent([summaryOf(2_000, known, up)]));
  expect([model.cis.get('apollo')?.state, troubleIn(model)]).toEqual(['healthy', []]);
});

test('and from a recording, after the time at which it was over', () => {
  const tape = new Tape();
  for (const record of sent([...started, summaryOf(2_000, down, up), summaryOf(3_000, up, { ...down, seq: 2 })]))
    tape.add([record], 1);
  const model = new Model();
  const replay = new Replay(parseRecording(tape.lines().join('')), model);
  const seen = [1_000, 2_000, 3_000, 2_500, 1_500].map((time) => {
    replay.seek(time);
    return troubleIn(model).length;
  });
  expect(seen).toEqual([4, 0, 4, 0, 4]);
});
