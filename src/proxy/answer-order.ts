/** The answer to one request, in the order of all answers. */
export interface PendingAnswer {
  /** Says a line of the answer. One that is `named` says which request it belongs to, and need not wait. */
  write(line: string, how: 'named' | 'in order'): void;
  /** Nothing more will be said. */
  end(): void;
  /** The answer failed, and there are no words for it: when its turn has come, the client's connection closes like this. */
  fail(how: Ending): void;
}

/** How a connection closes: in order, or by a reset. */
export type Ending = 'end' | 'reset';

/**
 * Answers in the order of the questions, though they come in any: a line without an id can be told from others by nothing else. What comes too
 * early is held; what names its request goes at once.
 */
export class AnswerOrder {
  readonly #write: (line: string) => void;
  readonly #onHeld: (characters: number) => void;
  readonly #onFailed: (how: Ending) => void;
  readonly #answers: QueuedAnswer[] = [];
  #held = 0;

  /** `onHeld` gets the number of characters that are held, each time that it grows. */
  constructor(write: (line: string) => void, onHeld: (characters: number) => void, onFailed: (how: Ending) => void) {
    this.#write = write;
    this.#onHeld = onHeld;
    this.#onFailed = onFailed;
  }

  /** Requests whose answer is not complete, or waits for its turn. */
  get size(): number {
    return this.#answers.length;
  }

  /** The next place in the order. */
  open(): PendingAnswer {
    const answer = new QueuedAnswer(this, this.#answers.length === 0);
    this.#answers.push(answer);
    return answer;
  }

  isFirst(answer: QueuedAnswer): boolean {
    return this.#answers[0] === answer;
  }

  say(line: string): void {
    this.#write(line);
  }

  hold(characters: number): void {
    this.#held += characters;
    this.#onHeld(this.#held);
  }

  /** Those whose turn has come say what they had to hold. */
  advance(): void {
    for (let first = this.#answers[0]; first !== undefined; first = this.#answers[0]) {
      for (const line of first.held.splice(0)) {
        this.#held -= line.length;
        this.#write(line);
      }
      if (first.state === 'open') return;
      this.#answers.shift();
      if (first.state === 'failed') return this.#onFailed(first.ending);
    }
  }
}

/** Where one waits for those before it. */
class QueuedAnswer implements PendingAnswer {
  readonly #order: AnswerOrder;
  /** Whether nothing else was owed when the request came: who asks one thing at a time has read all that came before. */
  readonly #wasAlone: boolean;
  readonly held: string[] = [];
  state: 'open' | 'over' | 'failed' = 'open';
  ending: Ending = 'reset';

  constructor(order: AnswerOrder, wasAlone: boolean) {
    this.#order = order;
    this.#wasAlone = wasAlone;
  }

  write(line: string, how: 'named' | 'in order'): void {
    const mayGo = this.#order.isFirst(this) || (how === 'named' && this.held.length === 0);
    if (mayGo) return this.#order.say(line);
    this.held.push(line);
    this.#order.hold(line.length);
  }

  end(): void {
    this.state = 'over';
    this.#order.advance();
  }

  fail(how: Ending): void {
    this.state = 'failed';
    // A reset may outrun what the client was told before, and has not read yet.
    this.ending = this.#wasAlone ? how : 'end';
    this.#order.advance();
  }
}
