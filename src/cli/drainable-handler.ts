import { once } from 'node:events';
import { finalize, isObservable } from 'rxjs';
import type { CiHandler, CiRequest } from '../server/index.js';

/** Counts the requests of a handler, so that a CI can end after its last answer. */
export class DrainableHandler {
  readonly #handler: CiHandler;
  readonly #idle = new EventTarget();
  #underWay = 0;
  #state: 'open' | 'draining' = 'open';

  constructor(handler: CiHandler) {
    this.#handler = handler;
  }

  /** Number of requests in flight. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Answers a request with the handler. @throws Error while draining */
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

  /** Refuses further requests, and settles when none is in flight. */
  async drain(): Promise<void> {
    this.#state = 'draining';
    if (this.#underWay > 0) await once(this.#idle, 'idle');
    // The last answer is written in this turn of the event loop, and sent in the next.
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

/** Returns the answer, of the same kind, and calls `over` at its end. */
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
