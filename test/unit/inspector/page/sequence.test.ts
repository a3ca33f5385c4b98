import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TraceRecord } from '../../../../src/inspector/feed/records.js';
import { layoutSequence, NOTE_PX, type Row } from '../../../../src/inspector/page/sequence/layout-sequence.js';
import { recordsOfRequest, stepsOf } from '../../../../src/inspector/page/sequence/steps.js';

const record = (seq: number, rest: Partial<TraceRecord>): TraceRecord => ({
  t: 'trace',
  at: 1_000 + seq,
  seq,
  root: 'apollo#1',
  kind: 'event',
  to: 'apollo#1',
  type: 'link.up',
  ...rest,
});
const exchange = (seq: number, at: number, totalMs: number, ended: 'answered' | 'cancelled' = 'answered') =>
  record(seq, {
    at,
    kind: 'exchange',
    from: 'requests',
    type: 'chat',
    exchange: {
      replyMode: 'whole',
      ended,
      sent: 20,
      received: 5,
      chunks: 0,
      timings: { queuedMs: 0, connectMs: 0, serviceMs: totalMs, totalMs },
    },
  });
const options = { outside: 'pool', first: ['pool', 'apollo#1'] };
const drawn = (records: readonly TraceRecord[]) => layoutSequence(stepsOf(records), options);

const rectOf = ({ shape, x, y, width }: Row) => {
  if (shape === 'message') return { x: x - width / 2, y: y - 18, width, height: 14 };
  if (shape === 'note') return { x: x - width / 2 - 8, y: y - NOTE_PX / 2, width: width + 16, height: NOTE_PX };
  return { x, y: y - 8, width, height: 14 };
};
const isApart = (a: ReturnType<typeof rectOf>, b: ReturnType<typeof rectOf>) =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

describe('the sequence', () => {
  test('places the actors: requests, the pool, the connection, then the others', () => {
    const { lifelines } = drawn([
      record(1, { from: 'link' }),
      record(2, {}),
      exchange(3, 1_010, 5),
      record(4, { to: 'heartbeat' }),
    ]);
    expect(lifelines.map(({ name }) => name)).toEqual(['requests', 'pool', 'apollo#1', 'link', 'heartbeat']);
    const xs = lifelines.map(({ x }) => x);
    expect(xs).toEqual([...xs].sort((a, b) => a - b));
  });

  test('draws an arrow from the sender to the receiver, and a loop for an own event', () => {
    const { lifelines, rows } = drawn([record(1, { from: 'link' }), record(2, { from: 'apollo#1' })]);
    const x = Object.fromEntries(lifelines.map((one) => [one.name, one.x]));
    expect(rows).toMatchObject([
      { shape: 'message', fromX: x.link, toX: x['apollo#1'] },
      { shape: 'loop', fromX: x['apollo#1'] },
    ]);
  });

  test('says “found in” for the first state, and only there', () => {
    const { rows } = drawn([
      record(1, { kind: 'state', value: { linked: 'healthy' }, isInitial: true }),
      record(2, { kind: 'state', value: 'reconnecting' }),
    ]);
    expect(rows).toMatchObject([
      { shape: 'note', kind: 'found', text: 'found in linked › healthy' },
      { shape: 'note', kind: 'state', text: 'reconnecting' },
    ]);
  });

  test('draws a request as a bar from its start to its end, in the order of the times', () => {
    const { rows, activations } = drawn([record(1, { at: 1_050, type: 'link.suspect' }), exchange(2, 1_100, 80)]);
    expect(rows.map(({ kind, at }) => [kind, at])).toEqual([
      ['request', 1_020],
      ['event', 1_050],
      ['reply', 1_100],
    ]);
    expect(activations).toMatchObject([{ y: rows[0]?.y, height: (rows[2]?.y ?? 0) - (rows[0]?.y ?? 0) }]);
  });

  test('draws requests of the same time beside each other', () => {
    const { activations } = drawn([exchange(1, 1_100, 90), exchange(2, 1_110, 90)]);
    expect(new Set(activations.map(({ x }) => x)).size).toBe(2);
  });

  test('marks a second without a step', () => {
    const { rows } = drawn([record(1, {}), record(2, { at: 1_900 }), record(3, { at: 5_000 })]);
    expect(rows.map(({ text }) => text)).toEqual(['link.up', 'link.up', '3 s later', 'link.up']);
  });

  test('cuts a long text, and keeps it whole for reading', () => {
    const [row] = drawn([record(1, { type: 'x'.repeat(400) })]).rows;
    expect([row?.text.length, row?.whole.length]).toEqual([48, 400]);
  });

  test('draws no text over another, and all of it on its paper, whatever the steps', () => {
    const name = fc.constantFrom('apollo#1', 'link', 'heartbeat', 'a-very-long-name-of-an-actor#12');
    const any = fc.record({
      kind: fc.constantFrom('event' as const, 'state' as const, 'actor' as const),
      from: fc.option(name, { nil: undefined }),
      to: name,
      type: fc.string({ minLength: 1, maxLength: 80 }),
      value: fc.string({ maxLength: 80 }),
      later: fc.nat({ max: 2_500 }),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 25 }), (given) => {
        let at = 0;
        const records = given.map(({ later, from, ...rest }, seq) => {
          at += later;
          return record(seq, { ...rest, ...(from === undefined ? {} : { from }), at });
        });
        const { rows, lifelines, width, height } = drawn(records);
        const rects = rows.map(rectOf);
        for (const [index, rect] of rects.entries()) {
          expect(rect.x >= 0 && rect.x + rect.width <= width && rect.y >= 0 && rect.y + rect.height <= height).toBe(
            true,
          );
          for (const other of rects.slice(index + 1)) expect(isApart(rect, other)).toBe(true);
        }
        for (const [index, { x, width: wide }] of lifelines.entries()) {
          const next = lifelines[index + 1];
          if (next !== undefined) expect(x + wide / 2).toBeLessThan(next.x - next.width / 2);
        }
        expect(rows.filter(({ shape }) => shape !== 'gap').map((row) => row.at)).toEqual(records.map((one) => one.at));
      }),
    );
  });
});

test('one request: its own record, and the events of its time', () => {
  const [one, other] = [exchange(3, 1_100, 80), exchange(4, 1_150, 130)];
  const before = record(1, { at: 1_010 });
  const during = record(2, { at: 1_060 });
  const after = record(5, { at: 1_200 });
  expect(recordsOfRequest([before, during, one, other, after], one)).toEqual([during, one]);
});
