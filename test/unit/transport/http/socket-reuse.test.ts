import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SocketPast, SocketReuse } from '../../../../src/transport/http/socket-reuse.js';
import { type Asking, type ServerHabit, simulate } from './socket-world.js';

/** A socket with this many answers, and the ages of its first and last one, as seen at 100,000 ms. */
const NOW = 100_000;
function socket(answers: number, idleMs: number, ageMs = idleMs, keptMs?: number): SocketPast {
  return { openedMs: NOW - ageMs - 1, answers, firstAnswerMs: NOW - ageMs, lastAnswerMs: NOW - idleMs, keptMs };
}

type Event = readonly ['survived' | 'closed', SocketPast] | 'forgotten';
const survived = (...past: Parameters<typeof socket>): Event => ['survived', socket(...past)];
const closed = (...past: Parameters<typeof socket>): Event => ['closed', socket(...past)];

function isSafe(seen: readonly Event[], past: SocketPast): boolean {
  const reuse = new SocketReuse();
  for (const event of seen) {
    if (event === 'forgotten') reuse.forget();
    else reuse[event[0]](event[1], NOW);
  }
  return reuse.isSafe(past, NOW);
}

/** A server that keeps its sockets open: for 10 s, after eight answers. */
const trusted = survived(8, 10_000);

describe('whether a request on a used socket is safe', () => {
  test.each<[what: string, safe: boolean, seen: readonly Event[], past: SocketPast]>([
    ['a fresh socket, of a server that nothing is known of', true, [], socket(0, 0)],
    ['a fresh socket, after 999 ms', true, [], { ...socket(0, 0), openedMs: NOW - 999 }],
    ['a fresh socket, after 1,000 ms', false, [], { ...socket(0, 0), openedMs: NOW - 1_000 }],
    [
      'a fresh socket, even if sockets stay open for long',
      false,
      [trusted],
      { ...socket(0, 0), openedMs: NOW - 1_000 },
    ],
    ['a fresh socket, also where the server closes after each answer', true, [closed(1, 0)], socket(0, 0)],

    ['nothing is known: not at once', false, [], socket(1, 0)],
    ['nothing is known: not after a while', false, [], socket(1, 60)],
    ['nothing is known: not on the word of the server', false, [], socket(1, 0, 0, 4_000)],
    ['another lived for 249 ms: not yet', false, [survived(1, 249)], socket(1, 0)],
    ['another lived for 249 ms: not on the word of the server', false, [survived(1, 249)], socket(1, 0, 0, 4_000)],
    ['another lived for 250 ms: at once', true, [survived(1, 250)], socket(1, 0)],

    ['half the time that another lived', true, [survived(1, 300)], socket(1, 150)],
    ['more than half the time that another lived', false, [survived(1, 300)], socket(1, 151)],
    ['the longest life counts, not the last one', true, [survived(1, 300), survived(1, 60)], socket(1, 150)],
    ['the server promises to keep it longer', true, [survived(1, 300)], socket(1, 4_000, 4_000, 4_000)],
    ['longer than the server promises', false, [survived(1, 300)], socket(1, 4_001, 4_001, 4_000)],
    ['the server promises less than was seen', true, [trusted], socket(1, 5_000, 5_000, 0)],

    ['as many answers as another lived after', true, [survived(3, 250)], socket(3, 0)],
    ['more answers than another lived after', false, [survived(3, 250)], socket(4, 0)],
    ['more answers, and 49 ms of its own since then', false, [survived(3, 250)], socket(4, 49)],
    ['more answers, and 50 ms of its own since then', true, [survived(3, 250)], socket(4, 50)],
    ['answers and time, of two others', true, [survived(3, 60), survived(1, 250)], socket(3, 0)],
    ['eight answers stand for more', true, [survived(8, 250)], socket(1_000, 0)],
    ['seven answers do not', false, [survived(7, 250)], socket(8, 0)],

    [
      'one was closed at once after five answers, others survived four: the limit is five',
      false,
      [survived(4, 250), closed(5, 1)],
      socket(5, 60),
    ],
    ['… more than five', false, [survived(4, 250), closed(5, 1)], socket(6, 60)],
    ['… four', true, [survived(4, 250), closed(5, 1)], socket(4, 0)],
    ['… for the smallest number seen', false, [trusted, closed(12, 1), closed(9, 1)], socket(9, 0)],
    [
      '… and corrected: one with more answers survives',
      true,
      [survived(4, 250), closed(5, 1), survived(6, 60)],
      socket(5, 0),
    ],
    ['one was closed at once after the first answer', false, [closed(1, 0), survived(1, 40)], socket(1, 0)],
    [
      'one was closed at once with fewer answers than others survived: nothing is safe',
      false,
      [trusted, closed(2, 1)],
      socket(2, 0),
    ],
    ['… until one has lived again', true, [trusted, closed(2, 1), survived(1, 250)], socket(2, 0)],

    ['closed after a silence: half of it', true, [trusted, closed(1, 400, 9_000)], socket(1, 200, 200)],
    ['closed after a silence: more than half', false, [trusted, closed(1, 400, 9_000)], socket(1, 201, 201)],
    [
      'closed after a silence: also against the promise of the server',
      false,
      [trusted, closed(1, 400, 9_000)],
      socket(1, 201, 201, 4_000),
    ],
    ['closed after a silence under 250 ms: nothing is safe', false, [trusted, closed(1, 200, 9_000)], socket(1, 0)],
    [
      '… corrected: one survives longer than that',
      true,
      [trusted, closed(1, 400, 9_000), survived(1, 500)],
      socket(1, 250),
    ],

    ['closed at an age: half of it', true, [trusted, closed(9, 300, 1_000)], socket(9, 0, 500)],
    ['closed at an age: more than half', false, [trusted, closed(9, 300, 1_000)], socket(9, 0, 501)],
    [
      '… corrected: one gets older than that',
      true,
      [trusted, closed(9, 300, 1_000), survived(9, 400, 1_001)],
      socket(9, 0, 501),
    ],

    ['a socket closed without a request teaches nothing', true, [trusted, closed(0, 0)], socket(1, 5_000)],
    [
      'a server that comes back may be another one: earlier survivals are forgotten',
      false,
      [trusted, 'forgotten'],
      socket(1, 0),
    ],
    [
      'a server that comes back may be another one: earlier closes are forgotten',
      true,
      [trusted, closed(9, 300, 1_000), closed(12, 0), 'forgotten', trusted],
      socket(20, 5_000),
    ],
  ])('%s: %s', (_what, safe, seen, past) => {
    expect(isSafe(seen, past)).toBe(safe);
  });
});

/** Latency and answer time are far below the shortest close that allows reuse (250 ms). */
const asking: fc.Arbitrary<Asking> = fc.record({
  gapMs: fc.oneof(
    fc.constant(0),
    fc.double({ min: 0, max: 60, noNaN: true }),
    fc.double({ min: 60, max: 2_000, noNaN: true }),
    fc.integer({ min: 2_000, max: 60_000 }),
  ),
  answerMs: fc.double({ min: 0.1, max: 50, noNaN: true }),
  latencyMs: fc.double({ min: 0.01, max: 2, noNaN: true }),
  link: fc.nat(),
});
const ms = fc.oneof(
  fc.double({ min: 0, max: 60, noNaN: true }),
  fc.double({ min: 60, max: 1_000, noNaN: true }),
  fc.double({ min: 1_000, max: 100_000, noNaN: true }),
);
/** The server closes at once after this many answers. */
const afterAnswers = (min: number, max: number): fc.Arbitrary<ServerHabit> =>
  fc.record({
    closes: fc.constant('after answers' as const),
    answers: fc.integer({ min, max }),
    delayMs: fc.double({ min: 0, max: 30, noNaN: true }),
  });
const afterTime: fc.Arbitrary<ServerHabit> = fc.record({
  closes: fc.constantFrom('after the first answer' as const, 'after the last answer' as const),
  ms,
});
const asks = fc.array(asking, { minLength: 1, maxLength: 150 });
/** Programs often repeat the same gap, which can meet the moment of a close again and again. */
const steady = fc
  .tuple(asking, fc.integer({ min: 20, max: 400 }))
  .map(([one, times]) => Array.from({ length: times }, () => one));
const links = fc.integer({ min: 1, max: 4 });
const RUNS = { numRuns: 800 };

describe('over random servers and requests, in virtual time', () => {
  test('loses no request to a server that closes after up to eight answers, or after a time', () => {
    fc.assert(
      fc.property(fc.oneof(afterAnswers(1, 8), afterTime), fc.oneof(asks, steady), links, (habit, all, linkCount) => {
        expect(simulate(habit, all, linkCount).lost).toBe(0);
      }),
      RUNS,
    );
  });

  test('loses no request to a server that gets it exactly when it closes', () => {
    const moment = fc
      .tuple(ms, fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: 20, max: 400 }), asking)
      .map(([closeMs, offMs, times, one]) => ({
        closeMs,
        all: Array.from({ length: times }, () => ({ ...one, gapMs: Math.max(closeMs + offMs, 0) })),
      }));
    fc.assert(
      fc.property(moment, links, ({ closeMs, all }, linkCount) => {
        expect(simulate({ closes: 'after the last answer', ms: closeMs }, all, linkCount).lost).toBe(0);
      }),
      RUNS,
    );
  });

  test('loses at most one request per connection to a server that closes after more than eight answers', () => {
    fc.assert(
      fc.property(afterAnswers(9, 40), fc.oneof(asks, steady), links, (habit, all, linkCount) => {
        expect(simulate(habit, all, linkCount).lost).toBeLessThanOrEqual(linkCount);
      }),
      RUNS,
    );
  });

  test('uses old sockets for all requests from some point on, if the server never closes', () => {
    const inARow = (times: number, gapMs: number): Asking[] =>
      Array.from({ length: times }, () => ({ gapMs, answerMs: 1, latencyMs: 0.1, link: 0 }));
    const known = [...inARow(300, 3), ...inARow(300, 1_000)];
    fc.assert(
      fc.property(asks, asks, (before, after) => {
        const { reused } = simulate({ closes: 'never' }, [...before, ...known, ...after], 1);
        expect(reused.slice(-after.length)).toEqual(after.map(() => true));
      }),
      { numRuns: 300 },
    );
  });
});
