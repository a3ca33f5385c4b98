/** The answer to one request, as one entry in the order of answers. */
export interface PendingAnswer {
  /** Writes a line of the answer. A `named` line carries its request's id and does not wait for earlier answers. */
  write(line: string, how: 'named' | 'in order'): void;
  /** Ends the answer. */
  end(): void;
  /** Ends the answer with a failure that has no line. Once the earlier answers are written, the client's connection closes this way. */
  fail(how: Ending): void;
}

/** How a connection closes: `end` (FIN) or `reset` (RST). */
export type Ending = 'end' | 'reset';

/**
 * Writes answers in the order of their requests, because only the order identifies a line without an id. Holds a line that arrives early.
 * Writes a line with an id at once.
 */
export class AnswerOrder {
  readonly #write: (line: string) => void;
  readonly #onHeld: (characters: number) => void;
  readonly #onFailed: (how: Ending) => void;
  readonly #answers: QueuedAnswer[] = [];
  #held = 0;

  /** @param onHeld - Receives the number of held characters, each time that it grows. */
  constructor(write: (line: string) => void, onHeld: (characters: number) => void, onFailed: (how: Ending) => void) {
    this.#write = write;
    this.#onHeld = onHeld;
    this.#onFailed = onFailed;
  }

  /** Number of requests whose answer is not yet written completely. */
  get size(): number {
    return this.#answers.length;
  }

  /** Adds an answer to the end of the order. */
  open(): PendingAnswer {
    const answer = new QueuedAnswer(this, this.#answers.length === 0);
    this.#answers.push(answer);
    return answer;
  }

  isFirst(answer: QueuedAnswer): boolean {
    return this.#answers[0] === answer;
  }

  send(line: string): void {
    this.#write(line);
  }

  hold(characters: number): void {
    this.#held += characters;
    this.#onHeld(this.#held);
  }

  /** Writes the held lines of each answer that is now first. */
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

/** Holds the lines of one answer until the answers before it are written. */
class QueuedAnswer implements PendingAnswer {
  readonly #order: AnswerOrder;
  /** True if no other answer was open when the request came: the client has then read everything before it. */
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
    if (mayGo) return this.#order.send(line);
    this.held.push(line);
    this.#order.hold(line.length);
  }

  end(): void {
    this.state = 'over';
    this.#order.advance();
  }

  fail(how: Ending): void {
    this.state = 'failed';
    // A reset can discard earlier answers that the client has not read yet.
    this.ending = this.#wasAlone ? how : 'end';
    this.#order.advance();
  }
}
