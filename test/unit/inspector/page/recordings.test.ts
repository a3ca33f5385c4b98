import { describe, expect, test } from 'vitest';
import type { Recorded } from '../../../../src/inspector/feed/records.js';
import { Model } from '../../../../src/inspector/page/model.js';
import { parseRecording } from '../../../../src/inspector/page/recording-format.js';
import { Replay } from '../../../../src/inspector/page/replay.js';
import { Tape } from '../../../../src/inspector/page/tape.js';
import { hello, row, transition } from './records.js';

const started: readonly Recorded[] = [
  hello(),
  { t: 'cis', at: 1_000, isFirst: true, rows: [row('apollo', 'idle')], left: 0 },
  { t: 'ready', at: 1_000 },
];
const moves = [
  transition('apollo', 'connecting', 2_000),
  transition('apollo', 'healthy', 3_000),
  transition('apollo', 'reconnecting', 4_000),
  transition('apollo', 'connecting', 5_000),
];
const stateOf = (model: Model) => model.cis.get('apollo')?.connections[0]?.state;
const textOf = (records: readonly object[]) => records.map((record) => JSON.stringify(record)).join('\n');

/** Returns the states that a recording shows at these times. */
function shownAt(text: string, times: readonly number[]): unknown[] {
  const model = new Model();
  const replay = new Replay(parseRecording(text), model);
  return times.map((time) => {
    replay.seek(time);
    return stateOf(model);
  });
}

describe('a tape', () => {
  test('starts with the state at its beginning, not with the present one', () => {
    const tape = new Tape();
    for (const record of [...started, ...moves]) tape.add([record], 100);
    expect(shownAt(tape.lines().join(''), [1_000, 2_500, 3_500, 4_500, 5_000])).toEqual([
      'idle',
      'connecting',
      'healthy',
      'reconnecting',
      'connecting',
    ]);
  });

  test.each([
    ['records', new Tape(2)],
    ['characters', new Tape(1_000, 200)],
  ])('keeps a bounded number of %s: its beginning moves', (_what, tape) => {
    for (const record of [...started, ...moves]) tape.add([record], 100);
    const lines = tape.lines();
    expect(lines.filter((line) => line.startsWith('{"t":"transition"') && !line.includes('"at":3000'))).toHaveLength(2);
    expect(shownAt(lines.join(''), [3_000, 4_500, 5_000])).toEqual(['healthy', 'reconnecting', 'connecting']);
  });

  test('of another process starts again', () => {
    const tape = new Tape();
    for (const record of [...started, ...moves]) tape.add([record], 100);
    tape.add([{ ...hello(), instance: 'other', at: 9_000 }], 100);
    tape.add([{ t: 'cis', at: 9_000, isFirst: true, rows: [row('athena', 'idle')], left: 0 }], 100);
    const [greeting, ...rest] = parseRecording(tape.lines().join(''));
    expect(greeting).toMatchObject({ instance: 'other', at: 9_000 });
    expect(JSON.stringify(rest)).not.toContain('apollo');
  });
});

test('a part of a recording starts with the state at its beginning, and has the changes up to its end', () => {
  const replay = new Replay(parseRecording(textOf([...started, ...moves])), new Model());
  replay.seek(3_500);
  replay.mark('from');
  replay.seek(4_500);
  replay.mark('to');
  const text = replay.part().join('');
  expect(shownAt(text, [3_500, 4_500])).toEqual(['healthy', 'reconnecting']);
  const part = new Replay(parseRecording(text), new Model());
  expect([part.from, part.to]).toEqual([3_500, 4_000]);
});

describe('version 1', () => {
  const withoutSeq = (record: object): object =>
    JSON.parse(JSON.stringify(record, (key, value) => (key === 'seq' || key === 'instance' ? undefined : value)));
  const old = textOf([{ ...hello(), version: 1 }, ...started.slice(1), ...moves].map(withoutSeq));

  test('is shown at any time', () => {
    expect(shownAt(old, [1_000, 2_500, 3_500, 5_000])).toEqual(['idle', 'connecting', 'healthy', 'connecting']);
  });

  test('does not repeat a change that the whole state contains', () => {
    const [move] = moves;
    const { t: _, seq: __, ci: ___, connection, ...past } = move as (typeof moves)[number];
    const [own] = row('apollo', 'connecting').connections;
    const rows = [{ ...row('apollo', 'connecting'), connections: [{ ...own, history: [past] }] }];
    const text = textOf(
      [
        { ...hello(), version: 1 },
        { t: 'cis', at: 1_000, isFirst: true, rows, left: 0 },
        { t: 'ready', at: 1_000 },
        move,
      ]
        .filter((record) => record !== undefined)
        .map(withoutSeq),
    );
    const model = new Model();
    new Replay(parseRecording(text), model).seek(9_000);
    expect(model.histories.get(connection)).toHaveLength(1);
  });
});

test('a newer version is refused, with what to do', () => {
  expect(() => parseRecording(JSON.stringify({ ...hello(), version: 3 }))).toThrow(/version is 3.*newer Choragus/);
});
