import { describe, expect, test } from 'vitest';
import { healthy, pong, reply } from '../protocol/correlator-rig.js';
import { proved, setUp } from './link-order-rig.js';

const info = { type: 'info_response' };

describe('a link takes no more requests', () => {
  test('after it was used for an examination, though its CI is known by then, and off trial', () => {
    const { judge, link } = setUp();
    const { order, ask, say } = link();
    ask();
    say(reply('1'), pong, healthy, info);
    while (judge.isOnTrial) judge.stoodTrial(0);
    expect([judge.kind, order.isExamined, order.isSpent]).toEqual(['proved', false, true]);
    // A link that was not examined is used again.
    const next = link();
    next.ask();
    next.say(reply('1'), healthy);
    expect(next.order.isSpent).toBe(false);
  });

  test('after its first answer without an id, once another link found that its CI must be learnt anew', () => {
    const { judge, order, correlator, link, ask, say, done } = proved();
    ask();
    say(reply('1'), healthy);
    order.released();
    expect([order.isSpent, done()]).toEqual([false, ['send health']]);
    const other = link();
    other.ask();
    other.say(reply('x'));
    expect(() => other.say(reply('x'))).toThrow('protocol_error');
    expect([judge.kind, correlator.isEmpty, order.isSpent]).toEqual(['unknown', true, true]);
    order.released();
    expect(done()).toEqual(['leave tried']);
  });

  test('but it does if it carried no request yet', () => {
    const { judge, order, ask } = proved();
    judge.violated(false);
    expect(order.isSpent).toBe(false);
    ask();
    expect(order.isSpent).toBe(false);
  });
});

test('if no probe is known to be answered, each kind is tried in turn', () => {
  const { judge, ask, done } = proved();
  judge.examined([], 'silent');
  for (let i = 0; i < 3; i += 1) ask();
  expect([judge.kind, judge.probes, done()]).toEqual(['proved', [], ['send health', 'send info', 'send ping']]);
});
