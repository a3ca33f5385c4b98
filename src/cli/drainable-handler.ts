import { once } from 'node:events';
import { finalize, isObservable } from 'rxjs';
import type { CiHandler, CiRequest } from '../server/index.js';

/** A handler whose requests are counted, so that a CI can end when the last one is answered. */
export class DrainableHandler {
  readonly #handler: CiHandler;
  readonly #idle = new EventTarget();
  #underWay = 0;
  #state: 'open' | 'draining' = 'open';

  constructor(handler: CiHandler) {
    this.#handler = handler;
  }

  /** Requests that are under way. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Answers a request, as the handler does. While it drains, a request is refused. */
  readonly handle: CiHandler = (request) => {
    if (this.#state === 'draining') throw new Error('the CI is shutting down');
    const over = this.#begin(request);
    try {
      return counted(this.#handler(request), over);
    } catch (error) {
      over();
      throw error;
    }
  };

  /** Refuses further requests, and settles when none is under way. */
  async drain(): Promise<void> {
    this.#state = 'draining';
    if (this.#underWay > 0) await once(this.#idle, 'idle');
    // The last answer is written in this turn, and sent in the next.
    for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Counts a request until the returned function is called, or its client leaves. */
  #begin({ signal }: CiRequest): () => void {
    let isOver = false;
    this.#underWay += 1;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      signal.removeEventListener('abort', over);
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#idle.dispatchEvent(new Event('idle'));
    };
    signal.addEventListener('abort', over);
    return over;
  }
}

type Answer = ReturnType<CiHandler>;

/** The answer, of the same kind, that calls `over` at its end. */
function counted(answer: Answer, over: () => void): Answer {
  if (isObservable(answer)) return answer.pipe(finalize(over));
  if (typeof answer === 'object' && answer !== null) {
    if (Symbol.asyncIterator in answer) return iterated(answer, over);
    if ('then' in answer) return Promise.resolve(answer).finally(over);
  }
  over();
  return answer;
}

async function* iterated(pieces: AsyncIterable<string>, over: () => void): AsyncGenerator<string> {
  try {
    yield* pieces;
  } finally {
    over();
  }
}
