import type { Pool } from '../../../../src/index.js';
import type { ManualClock } from '../../../../src/testing/index.js';
import { Asked } from './asked.js';
import type { Dice } from './dice.js';
import { questionOf } from './lines.js';
import { manners } from './manners.js';
import type { Story } from './story.js';
import type { Tally } from './tally.js';

/** Longest deadline, and longest time to a cancellation, that may come before the answer, in ms. */
const HURRIED_MS = 14;
/** The deadline of all other questions, in ms. Only a lost answer takes so long. */
const PATIENT_MS = 3_000;

/** The callers of a story. Each asks its next question when its last one is over. */
export class Callers {
  readonly #story: Story;
  readonly #pool: Pool;
  readonly #clock: ManualClock;
  readonly #dice: Dice;
  readonly #tally: Tally;
  #busy = 0;

  constructor(story: Story, pool: Pool, clock: ManualClock, dice: Dice, tally: Tally) {
    this.#story = story;
    this.#pool = pool;
    this.#clock = clock;
    this.#dice = dice;
    this.#tally = tally;
  }

  /** Whether all questions are over. */
  get areDone(): boolean {
    return this.#busy === 0;
  }

  start(): void {
    for (let caller = 0; caller < this.#story.callers; caller += 1) {
      this.#busy += 1;
      this.#next();
    }
  }

  #next(): void {
    if (this.#tally.asked >= this.#story.questions) {
      this.#busy -= 1;
      return;
    }
    const { cancelShare, hurriedShare, manner } = this.#story;
    const dice = this.#dice;
    const isCancelled = dice.chance(cancelShare);
    const isHurried = dice.chance(hurriedShare);
    const asking = {
      question: questionOf(this.#tally.asked + 1),
      kind: dice.pick(manners[manner].kinds),
      options: { deadlineMs: isHurried ? 1 + dice.upTo(HURRIED_MS) : PATIENT_MS, waitForReady: true },
      isPatient: !isCancelled && !isHurried,
    };
    const asked = new Asked(asking, this.#tally, () => this.#clock.now());
    const subscription = asked.ask(this.#pool, (how) => this.#pause(how === 'answered' ? 0 : 1));
    if (!isCancelled) return;
    const cancel = (): void => {
      if (asked.cancel(subscription)) this.#pause(0);
    };
    this.#after(dice.upTo(HURRIED_MS), cancel);
  }

  /** Pauses. After an answer the next question may come inside the callback; after a failure time must pass. */
  #pause(leastMs: number): void {
    this.#after(Math.max(leastMs, this.#dice.upTo(this.#story.pauseMs)), () => this.#next());
  }

  #after(ms: number, then: () => void): void {
    if (ms === 0) then();
    else this.#clock.setTimeout(then, ms, 'background');
  }
}
