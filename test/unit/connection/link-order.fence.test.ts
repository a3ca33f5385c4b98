import { describe, expect, test } from 'vitest';
import { healthy, pong, reply } from '../protocol/correlator-rig.js';
import { proved, setUp } from './link-order-rig.js';

const info = { type: 'info_response' };
const proofs: Readonly<Record<string, object>> = { 'send ping': pong, 'send health': healthy, 'send info': info };

/** An answer and its proof, to a request whose probe was the last. */
function answer({ say, session }: ReturnType<typeof proved>, content = '1'): void {
  const sent = session.log.findLast((entry) => entry.startsWith('send')) as string;
  say(reply(content), proofs[sent] as never);
}

describe('the probe behind a request', () => {
  test('is each type in turn, so that an old answer to one is no proof', () => {
    const all = proved();
    for (let i = 0; i < 6; i += 1) {
      all.ask();
      answer(all);
      all.order.released();
    }
    expect(all.done()).toEqual(['health', 'info', 'ping', 'health', 'info', 'ping'].map((type) => `send ${type}`));
  });

  test('is one that the CI was seen to answer', () => {
    const { ask, done } = proved(['health']);
    for (let i = 0; i < 2; i += 1) ask();
    expect(done()).toEqual(['send health', 'send health']);
  });

  test.each([
    ['ping', ['send health', 'send info']],
    ['health', ['send info', 'send ping']],
    ['info', ['send health', 'send ping']],
  ])('is no %s behind a %s, whose answer it could be taken for', (type, sent) => {
    const { ask, done } = proved();
    for (let i = 0; i < 2; i += 1) ask(type);
    expect(done()).toEqual(sent);
  });

  test('is sent with a stream, too, whose end waits for it; then the link leaves', () => {
    const { order, ask, say, done } = proved();
    const s = ask('chat', 'stream');
    expect(done()).toEqual(['send health']);
    say({ type: 'stream_chunk', content: 'a' }, { type: 'stream_end' });
    expect(s.log).toEqual(['chunk a']);
    say(healthy);
    order.released();
    expect([s.log, done()]).toEqual([['chunk a', 'ended'], ['leave streamed']]);
  });

  test('is none once answers carry ids', () => {
    const { order, ask, say, done } = proved();
    say({ ...reply('1'), request_id: ask().id });
    done();
    ask();
    expect([done(), order.isProved]).toEqual([[], false]);
  });

  test('is sent when the answer has come, where proofs are kept back; and the answer waits for it', () => {
    const all = proved();
    const { clock, ask, say, done } = all;
    for (let i = 0; i < 4; i += 1) {
      ask();
      say(reply('1'));
      clock.advance(40);
      const sent = done();
      say(proofs[sent.at(-1) as string] as never);
    }
    // However soon the proofs come then: only those of probes that were sent with their requests say something.
    for (const [type, proof] of [...Object.entries(proofs), ...Object.entries(proofs)].slice(2)) {
      const a = ask();
      expect(done()).toEqual([]);
      say(reply('5'));
      expect([a.log, done()]).toEqual([[], [type]]);
      say(proof as never);
      expect(a.log).toEqual(['answered 5']);
    }
  });

  test('is sent with it all the same, where several requests are outstanding', () => {
    const { judge, session, ask, done } = proved();
    for (let i = 0; i < 4; i += 1) judge.provedAfter(40);
    Object.assign(session.limits, { pipelining: 3 });
    for (let i = 0; i < 3; i += 1) ask();
    expect(done()).toEqual(['send health', 'send info', 'send ping']);
  });
});

describe('out of order', () => {
  test('a second answer: the link goes, and its CI is learnt anew', () => {
    const { judge, ask, say, done } = proved();
    const a = ask();
    say(reply('1'));
    expect(() => say(reply('2'))).toThrow('protocol_error');
    expect([a.log, judge.kind, judge.isClean]).toEqual([[], 'unknown', false]);
    expect(done().at(-1)).toBe(`violated ${JSON.stringify(reply('2'))}`);
  });

  test('on a link that had a proof: the link goes, its CI is as it was known to be', () => {
    const all = proved();
    all.ask();
    answer(all);
    all.ask();
    all.say(reply('2'));
    expect(() => all.say(reply('2'))).toThrow();
    expect([all.judge.kind, all.judge.isClean]).toEqual(['proved', false]);
  });

  test('a probe overtakes its request: the link leaves; once the answer comes, too, its CI works on several lines at once', () => {
    const { judge, order, ask, say, done } = proved();
    const a = ask();
    say(healthy);
    expect([done(), judge.kind]).toEqual([['send health', 'leave overtaken'], 'proved']);
    order.released();
    expect(done()).toEqual(['leave overtaken']);
    say(reply('1'));
    expect([a.log, done(), judge.kind, judge.isOnTrial]).toEqual([['answered 1'], ['learnt'], 'fresh', true]);
  });

  test('the CI ends its side between an answer and its proof: handed on, and it is not examined by that again', () => {
    const { judge, order, ask, say } = proved();
    const a = ask();
    say(reply('1'));
    order.ended();
    expect([a.log, judge.kind]).toEqual([['answered 1'], 'fresh']);
    // What it said before that of the probe comes to nothing.
    say({ type: 'error', error: 'unknown type' });
    order.end();
  });

  test('not when it ever said what it was not asked for', () => {
    const { judge, order, ask, say } = proved();
    judge.violated(true);
    const a = ask();
    say(reply('1'));
    order.ended();
    expect([a.log, judge.kind]).toEqual([[], 'proved']);
  });

  test('links that break between an answer and its proof hand nothing on; the third time, it is the way of their CI', () => {
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

  test('a link that breaks while nothing is held says nothing', () => {
    const { judge, order, ask } = proved();
    ask();
    for (let i = 0; i < 3; i += 1) order.lost();
    order.ended();
    expect(judge.kind).toBe('proved');
  });
});

describe('what the CI is found to be on another link', () => {
  test.each([
    ['answer.named', 'byId'],
    ['order.concurrent', 'fresh'],
  ] as const)('%s, while an answer is on its way: with its proof, this link goes, and blocks nobody', (event, kind) => {
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
  });
});

describe('on trial', () => {
  /** A CI that is known to answer pings, and perhaps works on several lines at once; it took so long to answer the first. */
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

  test('a link leaves with its first proof, until three in a row said that one line is answered after the other', () => {
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
  ])(
    'where a probe took 10 ms, an answer that took %i ms and came before its probe leaves it on trial: %s',
    (tookMs, isOnTrial) => {
      const { clock, judge, ask, say } = onTrial(10);
      ask();
      clock.advance(tookMs);
      say(reply('1'));
      // How long the proof took says nothing.
      clock.advance(20);
      say(pong);
      expect(judge.isOnTrial).toBe(isOnTrial);
    },
  );

  test('a probe is written with its request, though proofs are kept back: only that shows the order', () => {
    const { judge, ask, done } = onTrial();
    for (let i = 0; i < 4; i += 1) judge.provedAfter(40);
    ask();
    expect(done()).toEqual(['send ping']);
  });

  test('a request that is over by its answer, while that is handed on: the trial is judged first', () => {
    const { judge, order, ask, say, done } = onTrial();
    for (let i = 0; i < 2; i += 1) judge.stoodTrial(0);
    Object.assign(ask().request, { answered: () => order.released() });
    say(reply('1'), pong);
    expect(done()).toEqual(['send ping', 'learnt']);
  });

  // A link that takes no more requests must not keep its place for ever.
  test('a link leaves, too, that carried a stream', () => {
    const { order, ask, say, done } = onTrial();
    ask('chat', 'stream');
    say(reply('1'), pong);
    order.released();
    expect([order.isSpent, new Set(done())]).toEqual([true, new Set(['send ping', 'leave tried'])]);
  });

  test('a link is used again whose request was taken back, or was a stream with ids', () => {
    const { correlator, order, ask, say, done } = onTrial();
    correlator.withdraw(ask().number);
    order.released();
    say({ type: 'stream_end', request_id: ask('chat', 'stream').id });
    order.released();
    expect([order.isSpent, new Set(done())]).toEqual([false, new Set(['send ping'])]);
  });
});

describe('a link that carried others before hands on nothing unproved, though another link has shown that its CI', () => {
  /** A link with a proof, and a request outstanding whose probe is sent when its answer has come. */
  function used() {
    const all = proved();
    all.ask();
    answer(all);
    for (let i = 0; i < 4; i += 1) all.judge.provedAfter(40);
    return { ...all, s: all.ask(), other: all.link() };
  }

  test('is to be learnt anew', () => {
    const { clock, judge, say, s, other } = used();
    other.ask();
    other.say(reply('x'));
    expect(() => other.say(reply('x'))).toThrow();
    expect(judge.kind).toBe('unknown');
    say(reply('1, once more'));
    clock.advance(100);
    expect(s.log).toEqual([]);
  });

  test('has its requests on fresh links', () => {
    const { judge, say, s, other } = used();
    other.ask();
    other.say(reply('x'));
    other.order.ended();
    expect(judge.kind).toBe('fresh');
    say(reply('1, once more'));
    expect(s.log).toEqual([]);
  });
});
