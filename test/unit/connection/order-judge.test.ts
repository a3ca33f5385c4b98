import { describe, expect, test } from 'vitest';
import type { Examination } from '../../../src/connection/examination.js';
import { OrderJudge } from '../../../src/connection/order-judge.js';
import { probeTypes } from '../../../src/protocol/fence.js';
import { ManualClock } from '../../../src/testing/index.js';

function setUp(ordering: 'proved' | 'trusted' = 'proved') {
  const clock = new ManualClock(1_000);
  const judge = new OrderJudge(ordering, () => clock.now());
  return { clock, judge };
}

/** A judge whose CI is known to answer all probes. */
function proved() {
  const all = setUp();
  all.judge.examined(probeTypes, 'done');
  return all;
}

/** A judge whose CI is known to answer none. */
function fresh() {
  const all = setUp();
  all.judge.examined([], 'silent');
  return all;
}

const examination = {} as Examination;
const another = {} as Examination;

describe('the judge of a CI', () => {
  test('knows nothing at first, unless the user vouches for the CI', () => {
    const { judge } = setUp();
    expect([judge.kind, judge.probes, judge.answersPings, judge.isClean, judge.isOnTrial]).toEqual([
      'unknown',
      [],
      true,
      true,
      true,
    ]);
    expect(setUp('trusted').judge.kind).toBe('trusted');
  });

  test('follows the machine', () => {
    const { judge } = setUp();
    const kinds = (['answer.named', 'answer.unnamed', 'order.concurrent', 'probes.answered'] as const).map((type) => {
      judge.learn(type);
      return judge.kind;
    });
    expect(kinds).toEqual(['byId', 'unknown', 'fresh', 'proved']);
  });

  describe('an examination', () => {
    test('with answers proves the order, by the probes that were answered', () => {
      const { judge } = setUp();
      judge.examined(['health', 'info'], 'silent');
      expect([judge.kind, judge.probes, judge.answersPings]).toEqual(['proved', ['health', 'info'], false]);
      judge.examined(['ping'], 'done');
      expect([judge.kind, judge.probes, judge.answersPings]).toEqual(['proved', ['ping'], true]);
    });

    test.each(['silent', 'done'] as const)('without answers (%s): each request gets a fresh connection', (how) => {
      const { judge } = setUp();
      judge.examined([], how);
      expect([judge.kind, judge.probes, judge.answersPings]).toEqual(['fresh', [], false]);
    });

    test.each([
      ['nothing', [], 'fresh'],
      ['a ping', ['ping'], 'proved'],
    ] as const)(
      'in which the CI left after answering %s: it may have been cut off, so only the third time counts',
      (_name, answered, kind) => {
        const { judge } = setUp();
        for (let cuts = 0; cuts < 2; cuts += 1) judge.examined(answered, 'left');
        expect([judge.kind, judge.answersPings]).toEqual(['unknown', true]);
        judge.examined(answered, 'left');
        expect([judge.kind, judge.probes]).toEqual([kind, answered]);
      },
    );

    test('with answers between two such cuts: the cuts do not add up', () => {
      const { judge } = setUp();
      for (let cuts = 0; cuts < 2; cuts += 1) judge.examined([], 'left');
      judge.examined(['ping'], 'done');
      judge.learn('order.violated');
      for (let cuts = 0; cuts < 2; cuts += 1) judge.examined([], 'left');
      expect(judge.kind).toBe('unknown');
    });

    test('runs once at a time', () => {
      const { judge } = fresh();
      expect([judge.takesUp(examination), judge.takesUp(another), judge.takesUp(examination)]).toEqual([
        true,
        false,
        true,
      ]);
      judge.drops(another);
      expect(judge.takesUp(another)).toBe(false);
      judge.drops(examination);
      expect(judge.takesUp(another)).toBe(true);
    });

    test('does not run any more once the order is proved', () => {
      const { judge } = fresh();
      judge.takesUp(examination);
      judge.learn('probes.answered');
      expect([judge.takesUp(examination), judge.takesUp(another)]).toEqual([false, false]);
    });

    test('that finds order is outdated once the CI was seen to have none', () => {
      const { judge } = fresh();
      let dismissed = 0;
      judge.takesUp({ dismiss: () => (dismissed += 1) } as unknown as Examination);
      judge.learn('order.concurrent');
      expect([judge.takesUp(another), dismissed]).toEqual([true, 1]);
    });
  });

  describe('is examined again', () => {
    test('after 200 requests with fresh connections, and not before', () => {
      const { judge } = fresh();
      for (let used = 0; used < 199; used += 1) judge.usedFresh();
      expect(judge.mayExamine).toBe(false);
      judge.usedFresh();
      expect(judge.mayExamine).toBe(true);
    });

    test('after five minutes, and not before', () => {
      const { clock, judge } = fresh();
      clock.advance(299_999);
      expect(judge.mayExamine).toBe(false);
      clock.advance(1);
      expect(judge.mayExamine).toBe(true);
    });

    test('not during an examination', () => {
      const { clock, judge } = fresh();
      clock.advance(300_000);
      judge.takesUp(examination);
      expect(judge.mayExamine).toBe(false);
      judge.drops(examination);
      expect(judge.mayExamine).toBe(true);
    });

    test('and then after the same interval, whatever the result', () => {
      const { clock, judge } = fresh();
      for (let used = 0; used < 200; used += 1) judge.usedFresh();
      clock.advance(300_000);
      judge.examined([], 'done');
      expect(judge.mayExamine).toBe(false);
      clock.advance(299_999);
      for (let used = 0; used < 199; used += 1) judge.usedFresh();
      expect(judge.mayExamine).toBe(false);
    });

    test('after that interval, too, when it was found concurrent', () => {
      const { clock, judge } = proved();
      clock.advance(300_000);
      judge.learn('order.concurrent');
      expect([judge.kind, judge.mayExamine]).toEqual(['fresh', false]);
    });

    test('no later, even if something is learnt that changes nothing', () => {
      const { clock, judge } = fresh();
      clock.advance(299_999);
      judge.learn('order.violated');
      clock.advance(1);
      expect([judge.kind, judge.mayExamine]).toEqual(['fresh', true]);
    });
  });

  describe('on trial', () => {
    /** Returns how many links must pass the trial until it is over, if each request took so long. */
    const linksOf = (judge: OrderJudge, tookMs: number) => {
      let links = 0;
      for (; judge.isOnTrial; links += 1) judge.stoodTrial(tookMs);
      return links;
    };

    test('is three links for any CI, and sixteen for a CI that worked on several lines at once', () => {
      const { judge } = proved();
      expect(linksOf(judge, 0)).toBe(3);
      judge.learn('order.concurrent');
      judge.examined(probeTypes, 'done');
      expect([judge.kind, linksOf(judge, 0)]).toEqual(['proved', 16]);
    });

    test('is one link if its request took much longer than any probe, and was still answered before its probe', () => {
      const { judge } = proved();
      for (const ms of [4, 10, 5]) judge.answeredAfter(ms);
      expect(linksOf(judge, 31)).toBe(3);
      const { judge: other } = proved();
      for (const ms of [4, 10, 5]) other.answeredAfter(ms);
      expect(linksOf(other, 32)).toBe(1);
      // A CI that did otherwise before may have answered by chance.
      other.learn('order.concurrent');
      expect(linksOf(other, 1_000)).toBe(16);
    });
  });

  test('a link that breaks between an answer and its proof: the third in a row decides', () => {
    const { judge } = proved();
    expect([judge.wasCut(), judge.wasCut()]).toEqual([false, false]);
    judge.provedAfter(1);
    expect([judge.wasCut(), judge.wasCut(), judge.wasCut()]).toEqual([false, false, true]);
  });

  test('an unexpected line ends the clean record, and the CI is learnt anew, unless the order was already proved there', () => {
    const { judge } = proved();
    judge.violated(true);
    expect([judge.kind, judge.isClean]).toEqual(['proved', false]);
    judge.violated(false);
    expect([judge.kind, judge.isClean]).toEqual(['unknown', false]);
  });
});

describe('when a probe is written', () => {
  /** Returns how many of so many requests have their probe at once. */
  const atOnce = (judge: OrderJudge, requests: number) =>
    Array.from({ length: requests }, () => judge.probesAtOnce()).filter(Boolean).length;
  const say = (judge: OrderJudge, ...delaysMs: readonly number[]) => {
    for (const ms of delaysMs) judge.provedAfter(ms);
  };

  test('with its request, as long as proofs come right after the answers', () => {
    const { judge } = proved();
    say(judge, 0, 24, 24, 24, 24, 24);
    expect(atOnce(judge, 100)).toBe(100);
  });

  test('after the answer, once four proofs in a row came late; one in 64 still goes with its request', () => {
    const { judge } = proved();
    say(judge, 25, 25, 25);
    expect(atOnce(judge, 64)).toBe(64);
    say(judge, 25);
    expect(atOnce(judge, 63)).toBe(0);
    expect(atOnce(judge, 1)).toBe(1);
    expect(atOnce(judge, 128)).toBe(2);
  });

  test('a proof in time resets the count of late ones', () => {
    const { judge } = proved();
    say(judge, 40, 40, 1, 40, 40, 40, 1, 40, 40, 40);
    expect(atOnce(judge, 10)).toBe(10);
  });

  test('with its request again, after four samples in a row came in time', () => {
    const { judge } = proved();
    say(judge, 40, 40, 40, 40);
    say(judge, 1, 1, 1, 40, 1, 1, 1);
    expect(atOnce(judge, 10)).toBe(0);
    say(judge, 24);
    expect(atOnce(judge, 100)).toBe(100);
    say(judge, 40, 40, 40);
    expect(atOnce(judge, 10)).toBe(10);
  });
});
