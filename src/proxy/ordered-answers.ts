import type { Frame } from '../contract/index.js';

/** One request's place in the order of answers. */
export interface Place {
  /** Says a part of the answer. */
  write(frame: Frame): void;
  /** Nothing more will be said. */
  end(): void;
}

/** Where one waits for those before it. */
class Waiting implements Place {
  readonly #answers: OrderedAnswers;
  held: Frame[] = [];
  state: 'open' | 'over' = 'open';

  constructor(answers: OrderedAnswers) {
    this.#answers = answers;
  }

  write(frame: Frame): void {
    if (this.#answers.isFirst(this)) this.#answers.say(frame);
    else {
      this.held.push(frame);
      this.#answers.hold(sizeOf(frame));
    }
  }

  end(): void {
    this.state = 'over';
    this.#answers.advance();
  }
}

/**
 * Answers in the order of the questions, though they come in any: a client that sends no ids can tell them apart by nothing else.
 * What comes too early is held.
 */
export class OrderedAnswers {
  readonly #write: (frame: Frame) => void;
  readonly #onHeld: (characters: number) => void;
  readonly #places: Waiting[] = [];
  #held = 0;

  /** `onHeld` is told how much is held, whenever it grows. */
  constructor(write: (frame: Frame) => void, onHeld: (characters: number) => void) {
    this.#write = write;
    this.#onHeld = onHeld;
  }

  /** Requests whose answer is not complete. */
  get size(): number {
    return this.#places.length;
  }

  /** The next place in the order. */
  open(): Place {
    const place = new Waiting(this);
    this.#places.push(place);
    return place;
  }

  isFirst(place: Waiting): boolean {
    return this.#places[0] === place;
  }

  say(frame: Frame): void {
    this.#write(frame);
  }

  hold(characters: number): void {
    this.#held += characters;
    this.#onHeld(this.#held);
  }

  /** Those whose turn has come say what they had to hold. */
  advance(): void {
    while (this.#places[0]?.state === 'over') {
      this.#places.shift();
      const next = this.#places[0];
      if (next === undefined) break;
      for (const frame of next.held) {
        this.#held -= sizeOf(frame);
        this.#write(frame);
      }
      next.held = [];
    }
  }
}

/** About how much a frame holds, in characters: its text, and something for the rest. */
function sizeOf({ content }: Frame): number {
  return (typeof content === 'string' ? content.length : 0) + 128;
}
