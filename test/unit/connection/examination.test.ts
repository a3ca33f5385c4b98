import { describe, expect, test } from 'vitest';
import { setUp } from './examination-rig.js';

describe('an examination', () => {
  test('sends one probe after the other, each after the previous answer, and reports which were answered', () => {
    const { clock, turn, begin } = setUp();
    const { examination, log } = begin();
    expect([log, examination.isOver]).toEqual([['ping'], false]);
    examination.answered();
    expect(log).toEqual(['ping', 'health']);
    examination.answered();
    examination.answered();
    expect(log).toEqual(['ping', 'health', 'info', 'let go', 'done: ping health info']);
    expect([examination.isOver, turn.owner, clock.pending]).toEqual([true, undefined, 0]);
  });

  test('does not keep the process alive', () => {
    const { clock, begin } = setUp();
    begin();
    expect([clock.pending, clock.pendingKeepAlive]).toEqual([2, 0]);
  });

  test('releases the held answer after 100 ms, and not before; and goes on', () => {
    const { clock, begin } = setUp();
    const { examination, log } = begin();
    clock.advance(99);
    expect(log).toEqual(['ping']);
    clock.advance(1);
    expect(log).toEqual(['ping', 'let go']);
    examination.answered();
    expect(log).toEqual(['ping', 'let go', 'health']);
  });

  test.each([
    [2_000, 250, 500],
    [2_000, 600, 1_200],
    [2_000, 1_500, 2_000],
    [500, 0, 500],
    [300, 0, 300],
  ])(
    'with a limit of %i ms, after an answer that took %i ms, waits %i ms for the first',
    (patienceMs, answeredInMs, waitsMs) => {
      const { clock, begin } = setUp(patienceMs, answeredInMs);
      const { examination, log } = begin();
      clock.advance(waitsMs - 1);
      expect(examination.isOver).toBe(false);
      clock.advance(1);
      expect(log).toEqual(['ping', 'let go', 'let go', 'silent: ']);
      expect([examination.isOver, clock.pending]).toEqual([true, 0]);
    },
  );

  test('waits a heartbeat timeout for each later probe, from its own sending', () => {
    const { clock, begin } = setUp();
    const { examination, log } = begin();
    examination.answered();
    clock.advance(1_999);
    examination.answered();
    clock.advance(1_999);
    expect(examination.isOver).toBe(false);
    clock.advance(1);
    expect(log.at(-1)).toBe('silent: ping health');
    expect(clock.pending).toBe(0);
  });

  test('an unread answer in the socket beats the timer', () => {
    const { clock, begin } = setUp();
    const { examination, log } = begin();
    clock.advance(499);
    let isSaid = false;
    clock.onIo(() => {
      if (clock.now() === 500 && !isSaid) examination.answered();
      isSaid = clock.now() === 500;
    });
    clock.advance(1);
    expect(log).toEqual(['ping', 'let go', 'health', 'let go', 'silent: ping']);
  });

  describe('refused', () => {
    test('at the first probe: it may be a second answer, so it sends another probe and waits', () => {
      const { clock, begin } = setUp();
      const { examination, log } = begin();
      examination.refused();
      clock.advance(99);
      expect([log, examination.isOver]).toEqual([['ping', 'health'], false]);
      clock.advance(1);
      expect(log).toEqual(['ping', 'health', 'let go', 'done: ']);
      expect(clock.pending).toBe(0);
    });

    test('at the first two: they were refusals, and it sends no more', () => {
      const { clock, begin } = setUp();
      const { examination, log } = begin();
      examination.refused();
      examination.refused();
      expect(log).toEqual(['ping', 'health', 'let go', 'done: ']);
      expect(clock.pending).toBe(0);
    });

    test('at the first one, after the answer was released: the next probe gets a heartbeat timeout', () => {
      const { clock, begin } = setUp();
      const { examination, log } = begin();
      clock.advance(100);
      examination.refused();
      clock.advance(1_999);
      expect([log, examination.isOver]).toEqual([['ping', 'let go', 'health'], false]);
      clock.advance(1);
      expect(log.at(-1)).toBe('silent: ');
    });

    test('at a later one: it sends the next', () => {
      const { begin } = setUp();
      const { examination, log } = begin();
      for (const act of ['answered', 'refused', 'answered'] as const) examination[act]();
      expect(log).toEqual(['ping', 'health', 'info', 'let go', 'done: ping info']);
    });

    test('at a later one: it is no second answer, so the examination goes on after releasing the answer', () => {
      const { clock, begin } = setUp();
      const { examination, log } = begin();
      for (const act of ['answered', 'refused'] as const) examination[act]();
      clock.advance(100);
      expect([log.at(-1), examination.isOver]).toEqual(['let go', false]);
    });

    test('at the last one: it ends', () => {
      const { begin } = setUp();
      const { examination, log } = begin();
      for (const act of ['answered', 'answered', 'refused'] as const) examination[act]();
      expect(log.at(-1)).toBe('done: ping health');
    });
  });

  test('the CI ends the link: the answers so far count', () => {
    const { clock, begin } = setUp();
    const { examination, log } = begin();
    examination.answered();
    examination.lost('left');
    expect(log).toEqual(['ping', 'health', 'left: ping']);
    expect(clock.pending).toBe(0);
  });

  test('ended from outside: it learns nothing, and leaves no timer', () => {
    const { clock, turn, begin } = setUp();
    const { examination, log } = begin();
    examination.end();
    examination.answered();
    examination.refused();
    examination.lost('left');
    clock.advance(10_000);
    expect(log).toEqual(['ping']);
    expect([examination.isOver, turn.owner, clock.pending]).toEqual([true, undefined, 0]);
  });

  test('ended while it reads unread bytes at its time limit: it ends once', () => {
    const { clock, begin } = setUp();
    const { examination, log } = begin();
    clock.onIo(() => {
      if (clock.now() === 100) examination.end();
    });
    clock.advance(100);
    expect(log).toEqual(['ping']);
  });
});

describe('of several at once', () => {
  const ended = ['ping', 'let go', 'done: another finds out'];

  test('the first finds out; the others only check their answers, with one probe each', () => {
    const { clock, begin } = setUp();
    const [first, second] = [begin(), begin()];
    second.examination.answered();
    expect([second.log, second.examination.isOver]).toEqual([ended, true]);
    for (let i = 0; i < 3; i += 1) first.examination.answered();
    expect(first.log.at(-1)).toBe('done: ping health info');
    expect(clock.pending).toBe(0);
  });

  test('one that waits too long, or is refused, releases its answer', () => {
    const { clock, begin } = setUp();
    begin().examination.answered();
    const [refused, silent] = [begin(), begin()];
    refused.examination.refused();
    clock.advance(100);
    expect(silent.log).toEqual(ended);
    // It must know here as well whether this was a refusal: its answer waits for that.
    expect(refused.log).toEqual(['ping', 'health', 'let go', 'done: another finds out']);
    expect([refused.examination.isOver, silent.examination.isOver]).toEqual([true, true]);
  });

  test('one with a lost link learns nothing', () => {
    const { begin } = setUp();
    begin();
    const other = begin();
    other.examination.lost('left');
    expect(other.log).toEqual(['ping', 'left: another finds out']);
  });

  test('the first goes on when one that only checked its answer ends', () => {
    const { turn, begin } = setUp();
    const [first, second] = [begin(), begin()];
    second.examination.end();
    expect(turn.owner).toBe(first.examination);
  });

  test('one that is dismissed, since more is known already, only checks its answer', () => {
    const { clock, begin } = setUp();
    const [answered, silent] = [begin(), begin()];
    for (const { examination } of [answered, silent]) examination.dismiss();
    answered.examination.answered();
    clock.advance(100);
    expect([answered.log, silent.log]).toEqual([ended, ended]);
  });

  test('the next takes over from one that ended without a result', () => {
    const { begin } = setUp();
    const [first, second] = [begin(), begin()];
    first.examination.end();
    for (let i = 0; i < 3; i += 1) second.examination.answered();
    expect(second.log).toEqual(['ping', 'health', 'info', 'let go', 'done: ping health info']);
  });

  test('the next takes over even if its answer is released in between', () => {
    const { clock, begin } = setUp();
    const [first, second] = [begin(), begin()];
    first.examination.end();
    clock.advance(100);
    expect(second.log).toEqual(['ping', 'let go']);
    clock.advance(400);
    expect(second.log.at(-1)).toBe('silent: ');
  });
});
