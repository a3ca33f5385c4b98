import type { Frame } from '../../../../src/index.js';
import type { Dice } from './dice.js';
import { errorFor, greetingLine, strayLine } from './lines.js';
import type { Manner } from './manners.js';

/** Longest delay of an extra line, in ms: it often comes in the interval of a later request. */
const LATE_MS = 20;
const SOON_MS = 4;

/** The part of a link that `Faults` uses. */
export interface FaultyLink {
  readonly dice: Dice;
  /** Sends a line that answers something. */
  say(frame: Frame): void;
  /** Sends a line that answers nothing. */
  sayExtra(frame: Frame): void;
  /** Calls `then` after a time, while the link is open. */
  after(ms: number, then: () => void): void;
}

/** Sends the answers of one link, with the fault of the peer's behaviour. */
export class Faults {
  readonly #link: FaultyLink;
  readonly #manner: Manner;
  /** The last answer, and the last reply to a probe behind it: a relay repeats them. */
  #lastAnswer: Frame | undefined;
  #lastProbed: Frame | undefined;

  constructor(link: FaultyLink, manner: Manner) {
    this.#link = link;
    this.#manner = manner;
  }

  /** The link is up. */
  connected(): void {
    if (this.#strikes('greeting')) this.#extraWithin(SOON_MS, greetingLine);
  }

  /** A question came. */
  asked(): void {
    if (this.#strikes('strayAnytime')) this.#extraWithin(LATE_MS / 2, strayLine);
  }

  /** Sends an answer, with the fault if it strikes. Calls `done` when the peer goes on to the next line. */
  answer(question: string, answer: Frame, done: () => void): void {
    this.#lastAnswer = answer;
    this.#lastProbed = undefined;
    if (this.#strikes('drop')) return done();
    if (this.#strikes('errorThenAnswer')) return this.#refuseAndAnswer(question, answer, done);
    this.#link.say(answer);
    if (this.#strikes('immediateDuplicate')) this.#link.sayExtra(answer);
    if (this.#strikes('lateDuplicate')) this.#extraWithin(LATE_MS, answer);
    if (this.#strikes('stray')) this.#extraWithin(LATE_MS, strayLine);
    if (this.#strikes('replay')) this.#later(LATE_MS, () => this.#replay());
    done();
  }

  /** Answers a probe of the fence. */
  probed(reply: Frame): void {
    this.#lastProbed = reply;
    if (this.#strikes('lateProbeDuplicate')) this.#extraWithin(LATE_MS, reply);
  }

  /** Half of the answers come in the peer's own turn, before the reply to the probe behind it. */
  #refuseAndAnswer(question: string, answer: Frame, done: () => void): void {
    const { dice } = this.#link;
    this.#link.say({ type: 'error', error: errorFor(question) });
    if (dice.chance(0.5)) {
      this.#later(SOON_MS, () => {
        this.#link.sayExtra(answer);
        done();
      });
    } else {
      this.#extraWithin(LATE_MS, answer);
      done();
    }
  }

  #replay(): void {
    for (const line of [this.#lastAnswer, this.#lastProbed]) if (line !== undefined) this.#link.sayExtra(line);
  }

  #extraWithin(ms: number, line: Frame): void {
    this.#later(ms, () => this.#link.sayExtra(line));
  }

  #later(mostMs: number, then: () => void): void {
    this.#link.after(this.#link.dice.upTo(mostMs), then);
  }

  #strikes(fault: Manner['fault']): boolean {
    return this.#manner.fault === fault && this.#link.dice.chance(this.#manner.faultShare);
  }
}
