import { describe, expect, test } from 'vitest';
import type { CiRow, Recorded } from '../../../../src/inspector/feed/records.js';
import { Bounded } from '../../../../src/inspector/page/bounded.js';
import { Model } from '../../../../src/inspector/page/model.js';
import { parseRecording, recordingOf } from '../../../../src/inspector/page/recording-format.js';
import { Replay } from '../../../../src/inspector/page/replay.js';
import { connectionRow, hello, row, transition } from './records.js';

const started = (...rows: CiRow[]): Recorded[] => [
  hello(),
  { t: 'cis', at: 1_000, isFirst: true, rows, left: 0 },
  { t: 'ready', at: 1_000 },
];

describe('the model', () => {
  test('has the contents of the first state, and follows each change', () => {
    const model = new Model();
    model.apply(started(row('apollo', 'idle'), row('athena', 'healthy')));
    expect([model.isReady, model.cis.size]).toEqual([true, 2]);
    model.apply([transition('apollo', 'connecting', 2_000), transition('apollo', 'healthy', 2_010)]);
    expect(model.cis.get('apollo')?.connections[0]).toMatchObject({ state: 'healthy', since: 2_010 });
    expect(model.histories.get('apollo#1')?.map(({ to }) => to)).toEqual(['connecting', 'healthy']);
  });

  test('does not repeat a change that the first state contains already', () => {
    const model = new Model();
    const past = { from: 'idle', to: 'healthy', reason: 'link_up', attempt: 0, delayMs: 0, at: 900 } as const;
    const known = { ...connectionRow('apollo#1', 'healthy'), history: [past] };
    model.apply(started({ ...row('apollo', 'healthy'), seq: 1, connections: [known] }));
    model.apply([{ t: 'transition', seq: 1, ci: 'apollo', connection: 'apollo#1', ...past }]);
    expect(model.histories.get('apollo#1')).toHaveLength(1);
  });

  test('adds a new connection, and removes a closed one', () => {
    const model = new Model();
    model.apply(started({ ...row('apollo', 'idle'), connections: [] }));
    model.apply([transition('apollo', 'connecting', 2_000, 'apollo#2')]);
    expect(model.cis.get('apollo')?.connections).toMatchObject([{ connection: 'apollo#2', state: 'connecting' }]);
    model.apply([transition('apollo', 'closed', 2_001, 'apollo#2')]);
    expect(model.cis.get('apollo')?.connections).toEqual([]);
  });

  test('removes a CI that is gone; a new first state replaces everything', () => {
    const model = new Model();
    model.apply(started(row('apollo', 'idle'), row('athena', 'idle')));
    model.apply([{ t: 'gone', at: 2_000, seq: 1, ci: 'apollo' }]);
    expect([...model.cis.keys()]).toEqual(['athena']);
    model.apply([{ t: 'dropped', at: 3_000, count: 7 }, ...started(row('hermes', 'idle')).slice(1)]);
    expect([[...model.cis.keys()], model.dropped]).toEqual([['hermes'], 7]);
  });

  test('keeps an event of another program once, if a later state repeats it, and those of a new feed', () => {
    const event = (seq: number, at: number) =>
      ({ t: 'trace', kind: 'event', root: 'program-1', to: 'x:0', type: `event ${seq}`, seq, at }) as const;
    const model = new Model();
    model.apply([...started(), event(1, 1_001), event(2, 1_002)]);
    // The connection broke, and one event came while the state was sent again.
    model.apply([...started(), event(1, 1_001), event(2, 1_002), event(3, 1_003), event(3, 1_003)]);
    model.apply([event(4, 1_003)]);
    expect(model.traces.items.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    model.apply([...started(), event(1, 2_000)]);
    expect(model.traces.items.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 1]);
  });

  test('notifies subscribers once for each batch', () => {
    const model = new Model();
    const before = model.version.value;
    model.apply(started(...Array.from({ length: 100 }, (_, index) => row(`ci-${index}`, 'idle'))));
    expect(model.version.value).toBe(before + 1);
  });
});

test('a bounded list keeps the newest entries', () => {
  const list = new Bounded<number>(10);
  for (let i = 0; i < 1_000; i += 1) {
    list.push(i);
    expect(list.length).toBe(Math.min(i + 1, 10));
  }
  expect(list.items).toEqual([990, 991, 992, 993, 994, 995, 996, 997, 998, 999]);
});

describe('a recording', () => {
  const text = [
    ...started(row('apollo', 'idle')),
    transition('apollo', 'connecting', 2_000),
    transition('apollo', 'healthy', 3_000),
    transition('apollo', 'reconnecting', 9_000),
  ]
    .map((record) => JSON.stringify(record))
    .join('\n');
  const stateOf = (model: Model) => model.cis.get('apollo')?.connections[0]?.state;

  test('shows the state at any time, forwards and backwards', () => {
    const model = new Model();
    const replay = new Replay(parseRecording(text), model);
    expect([replay.from, replay.to, stateOf(model)]).toEqual([1_000, 9_000, 'reconnecting']);
    for (const [time, state] of [
      [1_000, 'idle'],
      [2_500, 'connecting'],
      [8_999, 'healthy'],
      [9_000, 'reconnecting'],
      [2_000, 'connecting'],
    ] as const) {
      replay.seek(time);
      expect([time, stateOf(model)]).toEqual([time, state]);
    }
  });

  test('opens a file that the page itself wrote', () => {
    const model = new Model();
    model.apply([...parseRecording(text), { ...hello(), csrf: 'secret' }]);
    const written = recordingOf(model, []).join('');
    expect(written).not.toContain('secret');
    const again = new Model();
    new Replay(parseRecording(written), again).seek(9_000);
    expect(stateOf(again)).toBe('reconnecting');
    expect(again.histories.get('apollo#1')).toEqual(model.histories.get('apollo#1'));
  });

  test('is read up to a cut in its last line', () => {
    expect(parseRecording(`${text}\n{"t":"transi`)).toHaveLength(6);
  });

  test.each(['', '{"t":"ready"}', 'hello'])('rejects a file that is no recording: %j', (file) => {
    expect(() => parseRecording(file)).toThrow();
  });
});

describe('a model of a watched service', () => {
  test('tells how much of the whole state has arrived', () => {
    const model = new Model();
    model.apply([
      { ...hello(), cis: 3 },
      { t: 'cis', at: 1_000, isFirst: true, rows: [row('a', 'idle')], left: 2 },
    ]);
    expect([model.isReady, model.loaded, model.expected]).toEqual([false, 1, 3]);
    model.apply([
      { t: 'cis', at: 1_000, isFirst: false, rows: [row('b', 'idle'), row('c', 'idle')], left: 0 },
      { t: 'ready', at: 1_000 },
    ]);
    expect([model.isReady, model.loaded, model.expected]).toEqual([true, 3, 3]);
  });

  test('keeps the rows after a broken connection until the whole state has arrived again', () => {
    const model = new Model();
    model.apply(started(row('apollo', 'idle'), row('athena', 'idle')));
    model.apply([hello()]);
    expect([...model.cis.keys()]).toEqual(['apollo', 'athena']);
    model.apply(started(row('athena', 'healthy')).slice(1));
    expect([...model.cis.values()].map(({ ci, state }) => [ci, state])).toEqual([['athena', 'healthy']]);
  });

  test('clears the state of a process that was replaced', () => {
    const model = new Model();
    model.apply(started(row('apollo', 'idle')));
    model.apply([{ ...hello(), instance: 'other', at: 7_000 }]);
    expect([model.cis.size, model.restartedAt]).toEqual([0, 7_000]);
  });

  test('notes a blocked event loop above 200 ms, the longest block in 10 s', () => {
    const model = new Model();
    model.apply([{ t: 'beat', at: 1_000, lagMs: 200 }]);
    expect(model.blocked).toBeUndefined();
    model.apply([{ t: 'beat', at: 2_000, lagMs: 3_200 }]);
    expect(model.blocked?.lagMs).toBe(3_200);
    model.apply([{ t: 'beat', at: 3_000, lagMs: 300 }]);
    expect(model.blocked?.lagMs).toBe(3_200);
    model.apply([{ t: 'beat', at: 12_000, lagMs: 400 }]);
    expect(model.blocked?.lagMs).toBe(400);
  });

  test('keeps a bounded number of closed connections and actors', () => {
    const model = new Model();
    model.apply(started(row('apollo', 'idle')));
    for (let n = 1; n <= 6_000; n += 1) {
      model.apply([
        transition('apollo', 'closed', 2_000 + n, `apollo#${n}`),
        { t: 'actor', at: 2_000, session: 's', actor: `a${n}`, name: 'a', status: 'done', value: n },
      ]);
    }
    expect([model.histories.size, model.actors.size, model.values.size]).toEqual([1_000, 5_000, 5_000]);
    expect(model.moves().length).toBeLessThanOrEqual(256);
  });
});
