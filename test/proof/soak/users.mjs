import { retry, takeUntil, timer } from 'rxjs';

const names = ['byId', 'ordered', 'streaming', 'legacy', 'broken'];
const pick = (list) => list[Math.floor(Math.random() * list.length)];

/**
 * Users of a pool: each makes one request after the other, of all kinds, until stopped. They count their
 * results, and fail on an impossible one: an answer to another question.
 */
export class Users {
  counts = { asked: 0, answered: 0, failed: 0, left: 0 };
  codes = {};
  wrong = [];
  #pool;
  #signal;
  #isOver = false;
  #asked = 0;

  constructor(pool, signal) {
    this.#pool = pool;
    this.#signal = signal;
  }

  stop() {
    this.#isOver = true;
  }

  /** Settles once all of them have stopped. */
  async run(count) {
    await Promise.all(Array.from({ length: count }, () => this.#live()));
  }

  async #live() {
    while (!this.#isOver) {
      await this.#act();
      // A CI that is down fails at once: without a pause its users would do nothing else.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
    }
  }

  #act() {
    this.#asked += 1;
    const content = `q${this.#asked} `;
    const options = { deadlineMs: 50 + Math.random() * 300, signal: pick([this.#signal, undefined]) };
    const ci = pick(names);
    switch (Math.floor(Math.random() * 8)) {
      case 0:
        return this.#watch(content, this.#pool.stream(ci, content, options));
      case 1:
        return this.#watch(content, this.#pool.broadcast(content, { deadlineMs: options.deadlineMs }));
      case 2:
        return this.#watch(content, this.#pool.broadcast(content, { deadlineMs: options.deadlineMs, stream: true }));
      case 3:
        return this.#leave(content, pick(['ask', 'stream']), ci, options);
      case 4:
        return this.#watch(content, this.#pool.ask(ci, content, { ...options, waitForReady: true, priority: 'high' }));
      case 5:
        return this.#watch(content, this.#pool.ask(ci, content, options).pipe(retry({ count: 2, delay: 10 })));
      default:
        return this.#watch(content, this.#pool.ask(ci, content, options));
    }
  }

  /** Cancels a request while it waits, or while it is in flight. */
  #leave(content, what, ci, options) {
    this.counts.left += 1;
    return this.#watch(content, this.#pool[what](ci, content, options).pipe(takeUntil(timer(Math.random() * 30))));
  }

  #watch(content, said$) {
    this.counts.asked += 1;
    return new Promise((resolve) => {
      said$.subscribe({
        next: (said) => this.#hear(content, said),
        error: ({ code }) => {
          this.#failed(code);
          resolve();
        },
        complete: resolve,
      });
    });
  }

  #hear(content, said) {
    if (said.ok === false) return this.#failed(said.error.code);
    const text = said.ok === true ? said.reply.content : said.content;
    this.counts.answered += 1;
    if (!text.includes(content.trim()) && this.wrong.length < 5) this.wrong.push({ content, text });
  }

  #failed(code) {
    this.counts.failed += 1;
    this.codes[code] = (this.codes[code] ?? 0) + 1;
  }
}
