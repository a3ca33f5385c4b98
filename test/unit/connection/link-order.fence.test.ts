import { describe, expect, test } from 'vitest';
import { healthy, pong, reply } from '../protocol/correlator-rig.js';
import { proved, setUp } from './link-order-rig.js';

const info = { type: 'info_response' };
const proofs: Readonly<Record<string, object>> = { 'send ping': pong, 'send health': healthy, 'send info': info };

/** An answer and its proof, for a request whose probe was the last. */
function answer({ say, session }: ReturnType<typeof proved>, content = '1'): void {
  const sent = session.log.findLast((entry) => entry.startsWith('send')) as string;
  say(reply(content), proofs[sent] as never);
}

describe('the probe after a request', () => {
  test('uses each type in turn, so an old answer to one type proves nothing', () => {
    const all = proved();
    for (let i = 0; i < 6; i += 1) {
      all.ask();
      answer(all);
      all.order.released();
    }
    expect(all.done()).toEqual(['health', 'info', 'ping', 'health', 'info', 'ping'].map((type) => `send ${type}`));
  });

  test('uses a type that the CI has answered before', () => {
    const { ask, done } = proved(['health']);
    for (let i = 0; i < 2; i += 1) ask();
    expect(done()).toEqual(['send health', 'send health']);
  });

  test.each([
    ['ping', ['send health', 'send info']],
    ['health', ['send info', 'send ping']],
    ['info', ['send health', 'send ping']],
  ])("is not a %s after a %s, because its answer could be taken for the request's", (type, sent) => {
    const { ask, done } = proved();
    for (let i = 0; i < 2; i += 1) ask(type);
    expect(done()).toEqual(sent);
  });

  test('follows a stream, too; the end of the stream waits for it, then the link closes', () => {
    const { order, ask, say, done } = proved();
    const s = ask('chat', 'stream');
    expect(done()).toEqual(['send health']);
    say({ type: 'stream_chunk', content: 'a' }, { type: 'stream_end' });
    expect(s.log).toEqual(['chunk a']);
    say(healthy);
    order.released();
    expect([s.log, done()]).toEqual([['chunk a', 'ended'], ['leave streamed']]);
  });

  test('is not sent once answers carry ids', () => {
    const { order, ask, say, done } = proved();
    say({ ...reply('1'), request_id: ask().id });
    done();
    ask();
    expect([done(), order.isProved]).toEqual([[], false]);
  });

  test('is sent after the answer if proofs come late; the answer then waits for it', () => {
    const all = proved();
    const { clock, ask, say, done } = all;
    for (let i = 0; i < 4; i += 1) {
      ask();
      say(reply('1'));
      clock.advance(40);
      const sent = done();
      say(proofs[sent.at(-1) as string] as never);
    }
    // Even if proofs come soon then: only those sent with their requests tell something.
    const inTurn = Object.entries(proofs);
    for (const [type, proof] of [...inTurn, ...inTurn, ...inTurn].slice(2)) {
      const a = ask();
      expect(done()).toEqual([]);
      say(reply('5'));
      expect([a.log, done()]).toEqual([[], [type]]);
      say(proof as never);
      expect(a.log).toEqual(['answered 5']);
    }
  });

  test('is sent with the request even so, if several requests are outstanding', () => {
    const { judge, session, ask, done } = proved();
    for (let i = 0; i < 4; i += 1) judge.provedAfter(40);
    Object.assign(session.limits, { pipelining: 3 });
    for (let i = 0; i < 3; i += 1) ask();
    expect(done()).toEqual(['send health', 'send info', 'send ping']);
  });
});

describe('out of order', () => {
  test('a second answer closes the link, and its CI is learnt anew', () => {
    const { judge, ask, say, done } = proved();
    const a = ask();
    say(reply('1'));
    expect(() => say(reply('2'))).toThrow('protocol_error');
    expect([a.log, judge.kind, judge.isClean]).toEqual([[], 'unknown', false]);
    expect(done().at(-1)).toBe(`violated ${JSON.stringify(reply('2'))}`);
  });

  test('on a link with a proof, it closes the link; the CI stays as known', () => {
    const all = proved();
    all.ask();
    answer(all);
    all.ask();
    all.say(reply('2'));
    expect(() => all.say(reply('2'))).toThrow();
    expect([all.judge.kind, all.judge.isClean]).toEqual(['proved', false]);
  });

  test('a probe overtakes its request: the link closes; if the answer comes as well, the CI works on several lines at once', () => {
    const { judge, order, ask, say, done } = proved();
    const a = ask();
    say(healthy);
    expect([done(), judge.kind]).toEqual([['send health', 'leave overtaken'], 'proved']);
    order.released();
    expect(done()).toEqual(['leave overtaken']);
    say(reply('1'));
    expect([a.log, done(), judge.kind, judge.isOnTrial]).toEqual([['answered 1'], ['learnt'], 'fresh', true]);
  });

  test('the CI ends its side between an answer and its proof: the answer is handed on, and this is not examined again', () => {
    const { judge, order, ask, say } = proved();
    const a = ask();
    say(reply('1'));
    order.ended();
    expect([a.log, judge.kind]).toEqual([['answered 1'], 'fresh']);
    // Its earlier answers to the probe no longer count.
    say({ type: 'error', error: 'unknown type' });
    order.end();
  });

  test('it is not handed on if the CI ever sent an unexpected line', () => {
    const { judge, order, ask, say } = proved();
    judge.violated(true);
    const a = ask();
    say(reply('1'));
    order.ended();
    expect([a.log, judge.kind]).toEqual([[], 'proved']);
  });

  test('links that break between an answer and its proof hand on nothing; the third time, it counts as a habit of the CI', () => {
    const { judge, link } = proved();
    const seen = [1, 2, 3].map(() => {
      const { order, ask, say } = link();
      const { log } = ask();
      say(reply('1'));
      order.lost();
      return [...log, judge.kind];
    });
    expect(seen).toEqual([['proved'], ['proved'], ['fresh']]);
  });

  test('a link that breaks while it holds nothing teaches nothing', () => {
    const { judge, order, ask } = proved();
    ask();
    for (let i = 0; i < 3; i += 1) order.lost();
    order.ended();
    expect(judge.kind).toBe('proved');
  });
});

describe('the result for the CI on another link', () => {
  test.each([
    ['answer.named', 'byId'],
    ['order.concurrent', 'fresh'],
  ] as const)(
    '%s, while an answer is under way: with its proof, this link closes, and blocks no request',
    (event, kind) => {
      const all = proved();
      const { judge, order, ask, done } = all;
      Object.assign(ask().request, { answered: () => order.released() });
      judge.learn(event);
      answer(all);
      expect([judge.kind, order.isSpent, done().slice(1)]).toEqual([
        kind,
        true,
        expect.arrayContaining(['leave used_once']),
      ]);
    },
  );
});

describe('on trial', () => {
  /** A CI that answers pings, and perhaps works on several lines at once; its first answer took so long. */
  function onTrial(probeMs = 0) {
    const all = setUp();
    const { ask, say } = all.link();
    ask();
    all.clock.advance(50);
    say(reply('1'));
    all.clock.advance(probeMs);
    say(pong);
    all.clock.advance(1);
    all.judge.examined(['ping'], 'done');
    return { ...all, ...all.link() };
  }

  test('a link closes after its first proof, until three in a row showed one answer after the other', () => {
    const { judge, link } = onTrial();
    const logs = Array.from({ length: 4 }, () => {
      const { order, ask, say, done } = link();
      ask();
      say(reply('1'));
      const { isSpent } = order;
      say(pong);
      return [isSpent, done().join(), judge.isOnTrial];
    });
    expect(logs).toEqual([
      [true, 'send ping,leave tried', true],
      [true, 'send ping,leave tried', true],
      [true, 'send ping,learnt', false],
      [false, 'send ping', false],
    ]);
  });

  test.each([
    [31, true],
    [32, false],
  ])('with a probe of 10 ms, an answer of %i ms before its probe keeps the link on trial: %s', (tookMs, isOnTrial) => {
    const { clock, judge, ask, say } = onTrial(10);
    ask();
    clock.advance(tookMs);
    say(reply('1'));
    // The time of the proof does not matter.
    clock.advance(20);
    say(pong);
    expect(judge.isOnTrial).toBe(isOnTrial);
  });

  test('sends a probe with its request, even if proofs come late: only that shows the order', () => {
    const { judge, ask, done } = onTrial();
    for (let i = 0; i < 4; i += 1) judge.provedAfter(40);
    ask();
    expect(done()).toEqual(['send ping']);
  });

  test('the trial is judged before an answer is handed on that ends its request', () => {
    const { judge, order, ask, say, done } = onTrial();
    for (let i = 0; i < 2; i += 1) judge.stoodTrial(0);
    Object.assign(ask().request, { answered: () => order.released() });
    say(reply('1'), pong);
    expect(done()).toEqual(['send ping', 'learnt']);
  });

  // A link that takes no more requests must not keep its slot for ever.
  test('a link that carried a stream closes, too', () => {
    const { order, ask, say, done } = onTrial();
    ask('chat', 'stream');
    say(reply('1'), pong);
    order.released();
    expect([order.isSpent, new Set(done())]).toEqual([true, new Set(['send ping', 'leave tried'])]);
  });

  test('a link is used again if its request was taken back, or was a stream with ids', () => {
    const { correlator, order, ask, say, done } = onTrial();
    correlator.withdraw(ask().number);
    order.released();
    say({ type: 'stream_end', request_id: ask('chat', 'stream').id });
    order.released();
    expect([order.isSpent, new Set(done())]).toEqual([false, new Set(['send ping'])]);
  });
});

describe('a link with earlier requests hands on nothing unproved, though another link has shown that its CI', () => {
  /** A link with a proof, and an outstanding request whose probe goes after its answer. */
  function used() {
    const all = proved();
    all.ask();
    answer(all);
    for (let i = 0; i < 4; i += 1) all.judge.provedAfter(40);
    return { ...all, s: all.ask(), other: all.link() };
  }

  test('must be learnt anew', () => {
    const { clock, judge, say, s, other } = used();
    other.ask();
    other.say(reply('x'));
    expect(() => other.say(reply('x'))).toThrow();
    expect(judge.kind).toBe('unknown');
    say(reply('1, once more'));
    clock.advance(100);
    expect(s.log).toEqual([]);
  });

  test('needs fresh links for its requests', () => {
    const { judge, say, s, other } = used();
    other.ask();
    other.say(reply('x'));
    other.order.ended();
    expect(judge.kind).toBe('fresh');
    say(reply('1, once more'));
    expect(s.log).toEqual([]);
  });
});
