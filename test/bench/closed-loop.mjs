import { Histogram } from './histogram.mjs';
import { questions } from './questions.mjs';

/** How long after the end of the window an answer may still come, in ms, before it counts as missing. */
const GRACE_MS = 10_000;

/**
 * Runs `act` repeatedly, `concurrency` at a time, until the window is over or `count` have begun, and waits for the
 * last. Rejects at the first error, at a wrong answer, and when answers do not come.
 *
 * @param act `(content, done)`: calls `done(error)` or `done(null, content)`, and only once.
 */
export function closedLoop(options) {
  return new Promise((resolve, reject) => new Loop(options, resolve, reject).start());
}

class Loop {
  #act;
  #concurrency;
  #durationMs;
  #count;
  #resolve;
  #reject;
  #histogram = new Histogram();
  /** By slot: a typed array, so that recording a time allocates nothing. */
  #begunAtMs;
  #begun = 0;
  #operations = 0;
  #active = 0;
  #startMs = 0;
  #endMs = 0;
  #cpu;
  #watch;

  constructor({ act, concurrency, durationMs = 60_000, count = Number.POSITIVE_INFINITY }, resolve, reject) {
    this.#act = act;
    this.#concurrency = concurrency;
    this.#durationMs = durationMs;
    this.#count = count;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#begunAtMs = new Float64Array(concurrency);
  }

  start() {
    this.#watch = setTimeout(() => this.#fail(this.#missing()), this.#durationMs + GRACE_MS);
    this.#cpu = process.cpuUsage();
    this.#startMs = performance.now();
    this.#endMs = this.#startMs + this.#durationMs;
    this.#active = this.#concurrency;
    this.#begunAtMs.fill(this.#startMs);
    for (let place = 0; place < this.#concurrency; place += 1) this.#startPlace(place);
  }

  #startPlace(place) {
    let asked = '';
    const next = () => {
      asked = questions[this.#begun % questions.length];
      this.#begun += 1;
      this.#act(asked, done);
    };
    const done = (error, answer) => {
      // This also catches a second answer to an earlier question: the slot has asked something else since.
      if (error || answer !== asked) return this.#fail(error ?? wrong(asked, answer));
      if (this.#took(place)) next();
      else asked = undefined;
    };
    next();
  }

  /** Counts an operation. Returns whether its slot continues. The end of one is the beginning of the next. */
  #took(place) {
    const nowMs = performance.now();
    this.#histogram.record(nowMs - this.#begunAtMs[place]);
    this.#begunAtMs[place] = nowMs;
    this.#operations += 1;
    if (nowMs < this.#endMs && this.#begun < this.#count) return true;
    this.#active -= 1;
    if (this.#active === 0) this.#finish(nowMs);
    return false;
  }

  #finish(nowMs) {
    clearTimeout(this.#watch);
    const { user, system } = process.cpuUsage(this.#cpu);
    const seconds = (nowMs - this.#startMs) / 1_000;
    this.#resolve({ operations: this.#operations, seconds, cpuUs: user + system, histogram: this.#histogram });
  }

  #fail(error) {
    clearTimeout(this.#watch);
    this.#reject(error);
  }

  #missing() {
    return new Error(`${this.#active} of ${this.#begun} operations were not answered`);
  }
}

function wrong(asked, answer) {
  return new Error(`a wrong answer: asked ${JSON.stringify(asked)}, got ${JSON.stringify(answer)}`);
}
