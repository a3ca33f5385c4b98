/** Tolerance between the wall clock and the monotonic one, in ms. After a larger jump, the time is told anew. */
const JUMP_MS = 1_000;

/** Finds, from samples, since when a CI with requests in flight has answered nothing: no request ended and no chunk arrived. */
export class Unanswered {
  #progress = Number.NaN;
  /** The first sample with requests in flight and without progress since. */
  #quietMs: number | undefined;
  #since: number | undefined;

  /** Since when, ms since the epoch; `undefined` until a second sample has found it so. */
  get since(): number | undefined {
    return this.#since;
  }

  /** @param progress - A number that changes with each answer. */
  sample(nowMs: number, inFlight: number, progress: number): void {
    if (inFlight === 0) this.#quietMs = undefined;
    else if (progress !== this.#progress) this.#quietMs = nowMs;
    else this.#quietMs ??= nowMs;
    this.#progress = progress;
    if (this.#quietMs === undefined || this.#quietMs === nowMs) this.#since = undefined;
    else this.#note(Math.round(Date.now() - (nowMs - this.#quietMs)));
  }

  #note(since: number): void {
    if (this.#since === undefined || Math.abs(since - this.#since) > JUMP_MS) this.#since = since;
  }
}
