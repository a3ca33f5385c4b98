import { describe, expect, test } from 'vitest';
import { healthy, pong, reply } from '../protocol/correlator-rig.js';
import { fresh, proved, setUp } from './link-order-rig.js';

const info = { type: 'info_response' };

describe('an unknown CI', () => {
  test('is examined after its first answer without an id, and has all its links fenced then', () => {
    const { judge, link } = setUp();
    const { order, correlator, ask, say, done } = link();
    const a = ask();
    expect(done()).toEqual([]);
    say(reply('1'));
    expect(done()).toEqual(['learnt', 'send ping', 'leave examined']);
    expect([order.isExamined, order.isSpent]).toEqual([true, true]);
    say(pong, healthy);
    expect([a.log, done()]).toEqual([['answered 1'], ['send health', 'send info']]);
    say(info);
    expect(done()).toEqual(['leave examined', 'learnt', 'released']);
    order.released();
    expect(done()).not.toContain('leave used_once');
    expect([judge.kind, judge.probes, order.isExamined, correlator.isEmpty]).toEqual([
      'proved',
      ['ping', 'health', 'info'],
      false,
      true,
    ]);
  });

  test('is not examined if its answers carry ids', () => {
    const { judge, link } = setUp();
    const { order, ask, say, done } = link();
    say({ ...reply('1'), request_id: ask().id });
    expect([judge.kind, done()]).toEqual(['byId', ['learnt']]);
    ask();
    expect([order.isSpent, order.isProved, done()]).toEqual([false, false, []]);
  });

  test('is examined if its answers carried ids once, and do not now', () => {
    const { judge, link } = setUp();
    judge.learn('answer.named');
    const { ask, say, done } = link();
    ask();
    say(reply('1'));
    expect([judge.kind, done()]).toEqual(['unknown', ['learnt', 'send ping', 'leave examined']]);
  });

  test('gets its first answer handed on if it ignores the probe, and a fresh link for each request', () => {
    const { clock, judge, link } = setUp();
    const { ask, say, done } = link();
    const a = ask();
    say(reply('1'));
    clock.advance(99);
    expect(a.log).toEqual([]);
    clock.advance(1);
    expect(a.log).toEqual(['answered 1']);
    clock.advance(400);
    expect([judge.kind, done().slice(-3)]).toEqual(['fresh', ['leave examined', 'learnt', 'released']]);
  });

  test('gets the same if it refuses two probes', () => {
    const { judge, link } = setUp();
    const { ask, say } = link();
    const a = ask();
    const refusal = { type: 'error', error: 'unknown type' };
    say(reply('1'), refusal, refusal);
    expect([a.log, judge.kind]).toEqual([['answered 1'], 'fresh']);
  });

  test('that sends an error and then the answer: no request gets it, and the CI stays unknown', () => {
    const { judge, link } = setUp();
    const { session, ask, say } = link();
    const a = ask();
    say({ type: 'error', error: 'x' }, reply('1'));
    expect(() => say(pong)).toThrow('an answer came that no request expects');
    expect([a.log, judge.kind, judge.isClean, session.log.at(-1)]).toEqual([
      [],
      'unknown',
      false,
      `violated ${JSON.stringify(pong)}`,
    ]);
  });

  test('that closes after its answer: it is handed on; the third time, closing counts as its habit', () => {
    const { judge, link } = setUp();
    const seen = [link(), link(), link()].map(({ ask, say, order }) => {
      const { log } = ask();
      say(reply('1'));
      order.lost();
      order.end();
      return [...log, judge.kind];
    });
    // The first two times, it may have been cut off.
    expect(seen).toEqual([
      ['answered 1', 'unknown'],
      ['answered 1', 'unknown'],
      ['answered 1', 'fresh'],
    ]);
  });

  test('that closes after an answer and a refusal: the answer is handed on', () => {
    const { link } = setUp();
    const { correlator, ask, say, order } = link();
    const a = ask();
    say(reply('1'), { type: 'error', error: 'unknown type' });
    order.lost();
    expect([a.log, correlator.live]).toEqual([['answered 1'], 0]);
  });

  test.each([
    ['another answer', [reply('1'), reply('2')]],
    ['an answer, after an unexpected line', [reply('1')]],
  ])('that closes after %s: nothing is handed on', (_name, frames) => {
    const { judge, link } = setUp();
    const { ask, say, order } = link();
    const a = ask();
    if (frames.length === 1) judge.violated(false);
    say(...frames);
    order.lost();
    expect(a.log).toEqual([]);
  });

  test('holds answers on its other links during the examination of one', () => {
    const { judge, link } = setUp();
    const [first, second] = [link(), link()];
    for (const { ask, say } of [first, second]) {
      ask();
      say(reply('1'));
    }
    second.done();
    second.say(pong);
    expect(second.done()).toEqual(['leave examined', 'released']);
    expect([judge.kind, first.order.isExamined, second.order.isExamined]).toEqual(['unknown', true, false]);
  });

  test('a lost link is not examined any more', () => {
    const { clock, link } = setUp();
    const { order, ask, say } = link();
    ask();
    say(reply('1'));
    order.end();
    expect([order.isExamined, clock.pending]).toEqual([false, 0]);
  });
});

describe('where each request has a fresh link', () => {
  test('a link is used up after one request, and closes', () => {
    const { order, ask, say, done } = fresh();
    expect(order.isSpent).toBe(false);
    ask();
    expect(order.isSpent).toBe(true);
    say(reply('1'));
    order.released();
    expect(done()).toEqual(['leave used_once']);
  });

  test('its CI is sometimes examined, after an answer', () => {
    const { clock, judge, order, ask, say, done } = fresh();
    clock.advance(300_000);
    ask();
    say(reply('1'));
    order.released();
    expect(done()).toEqual(['send ping', 'leave examined']);
    order.released();
    expect(done()).toEqual([]);
    say(pong, healthy, info);
    expect([judge.kind, done()]).toEqual([
      'proved',
      ['send health', 'send info', 'leave examined', 'learnt', 'released'],
    ]);
  });

  test('the next examination comes after 200 requests', () => {
    const { link } = fresh();
    const logs = Array.from({ length: 200 }, () => {
      const { order, ask, say, done } = link();
      ask();
      say(reply('1'));
      order.released();
      return done().join();
    });
    expect(new Set(logs.slice(0, 199))).toEqual(new Set(['leave used_once']));
    expect(logs[199]).toBe('send ping,leave examined');
  });

  test.each([
    ['it may not linger', ({ session }: ReturnType<typeof fresh>) => Object.assign(session, { mayLinger: false })],
    ['something is owed', ({ correlator, ask }: ReturnType<typeof fresh>) => correlator.abandon(ask().number, 0)],
  ])('not on a link if %s', (_name, spoil) => {
    const all = fresh();
    all.clock.advance(300_000);
    all.ask();
    all.say(reply('1'));
    spoil(all);
    all.order.released();
    expect(all.done()).toEqual(['leave used_once']);
  });

  test('requests on links with ids do not count', () => {
    const { judge, link } = setUp();
    const { ask, say, done } = link();
    say({ ...reply('1'), request_id: ask().id });
    for (const type of ['answer.unnamed', 'probes.unanswered'] as const) judge.learn(type);
    for (let i = 0; i < 200; i += 1) ask();
    expect([judge.kind, judge.mayExamine, done()]).toEqual(['fresh', false, ['learnt']]);
  });

  test('a request without an answer does not count', () => {
    const { clock, correlator, order, ask, done } = fresh();
    clock.advance(300_000);
    correlator.withdraw(ask().number);
    order.released();
    expect(done()).toEqual(['leave used_once']);
  });
});

test('if the user vouches for the order, only requests are sent, and only ids are learnt', () => {
  const { judge, link } = setUp('trusted');
  const { order, ask, say, done } = link();
  const a = ask();
  say(reply('1'));
  order.released();
  order.ended();
  order.lost();
  expect([a.log, done(), order.isSpent, order.isProved]).toEqual([['answered 1'], [], false, false]);
  expect(() => say(pong)).toThrow();
  expect([judge.kind, judge.isClean]).toEqual(['trusted', false]);
});

test('an echoing peer out of step does not violate an order', () => {
  const { judge, link } = setUp();
  const { ask, say, done } = link();
  say({ ...reply('1'), request_id: ask().id });
  done();
  expect(() => say(reply('2'))).toThrow('protocol_error');
  expect([done(), judge.isClean]).toEqual([[], true]);
});

test('retires a link when the verdict says so', () => {
  const { judge, correlator, ask, say, done } = proved();
  const [a, b] = [ask(), ask()];
  say({ ...reply('1'), request_id: a.id });
  done();
  say({ ...pong, request_id: b.id });
  expect([done(), judge.kind, correlator.isEchoing]).toEqual([['retire'], 'byId', true]);
});
