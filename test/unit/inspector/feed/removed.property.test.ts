import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PoolFeed } from '../../../../src/inspector/feed/pool-feed.js';
import type { Recorded } from '../../../../src/inspector/feed/records.js';
import { Model } from '../../../../src/inspector/page/model.js';
import { hello } from '../page/records.js';
import { fakeWatchable, statusOf, terms } from './fake-watchable.js';

const greeting = hello();

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** As many as one turn reads: a round, and a whole state, need a second turn for the others. */
const others = Array.from({ length: 50 }, (_, index) => `other-${index}`);
const names = ['apollo', 'athena'];

/** What can happen, in any order. `piece`: a page reads more of the whole state. `turn`: the rounds go on. */
const step = fc.oneof(
  fc.record({ do: fc.constantFrom('add', 'remove', 'change'), ci: fc.constantFrom(...names) }),
  fc.record({ do: fc.constantFrom('piece', 'turn', 'round') }),
);

/** A pool with a feed, a page that has watched from the start, and one that comes later. */
class Scene {
  readonly fake = fakeWatchable(...others, ...names);
  readonly first = new Model();
  readonly later = new Model();
  /** When each CI was added, and last read. */
  readonly added = new Map<string, number>();
  readonly read = new Map<string, number>();
  readonly leave: () => void;
  #time = 0;
  #inFlight = 0;
  #state: Iterator<Recorded> | undefined;
  #held: Recorded[] | undefined = [];

  constructor() {
    const { watchable } = this.fake;
    const feed = new PoolFeed(watchable, terms);
    const leaveFirst = feed.subscribe((record) => this.first.apply([record]));
    this.first.apply([greeting, ...feed.state()]);
    vi.spyOn(watchable, 'status').mockImplementation((ci) => {
      this.#time += 1;
      this.read.set(ci, this.#time);
      return this.fake.cis.get(ci);
    });
    const leaveLater = feed.subscribe((record) => {
      if (this.#held === undefined) this.later.apply([record]);
      else this.#held.push(record);
    });
    this.leave = () => {
      leaveFirst();
      leaveLater();
    };
    this.later.apply([greeting]);
    this.#state = feed.state()[Symbol.iterator]();
  }

  do(what: { readonly do: string; readonly ci?: string }): void {
    const { ci = '' } = what;
    this.#time += 1;
    this.#inFlight += 1;
    const changed = statusOf(ci, { inFlight: this.#inFlight });
    if (what.do === 'piece') this.piece();
    else if (what.do === 'turn') vi.advanceTimersToNextTimer();
    else if (what.do === 'round') vi.advanceTimersByTime(1_000);
    else if (what.do === 'change' && this.fake.cis.has(ci)) this.fake.cis.set(ci, changed);
    else if (what.do === 'add' && !this.fake.cis.has(ci)) {
      this.fake.cis.set(ci, changed);
      this.added.set(ci, this.#time);
    } else if (what.do === 'remove') this.fake.cis.delete(ci);
  }

  /** Sends a piece of the whole state to the later page; after the last one, what has happened meanwhile. */
  piece(): boolean {
    const next = this.#state?.next();
    if (next?.done === false) {
      this.later.apply([next.value]);
      return true;
    }
    this.later.apply(this.#held ?? []);
    this.#held = undefined;
    this.#state = undefined;
    return false;
  }
}

test('a CI that is removed and added again does not vanish; all pages show the pool after one more round', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const scene = new Scene();
      for (const what of steps) scene.do(what);
      while (scene.piece());
      for (const name of names) {
        const isRead = (scene.read.get(name) ?? 0) > (scene.added.get(name) ?? 0);
        if (scene.fake.cis.has(name) && isRead) expect([name, scene.later.cis.has(name)]).toEqual([name, true]);
      }
      vi.advanceTimersByTime(3_000);
      scene.leave();
      for (const name of names) {
        const truth = scene.fake.cis.get(name)?.inFlight;
        const shown = [scene.first, scene.later].map(({ cis }) => cis.get(name)?.inFlight);
        expect([name, ...shown]).toEqual([name, truth, truth]);
      }
    }),
    { numRuns: 200 },
  );
});
