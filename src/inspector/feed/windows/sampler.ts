import type { CiLoad, Watchable } from '../../../observe/watchable.js';
import { Series, type Windows } from './series.js';
import { Unanswered } from './unanswered.js';

const SAMPLE_MS = 5_000;
/** Longest time in one turn of the event loop, in ms. */
const TURN_MS = 2;
/** The clock is read once for this number of CIs. */
const CIS_A_LOOK = 16;

interface Sampled {
  readonly load: CiLoad;
  readonly series: Series;
  readonly unanswered: Unanswered;
}

/**
 * Samples the counters of all CIs every 5 s, from `start` to `stop`, for the windows of time. It adds nothing to a request. A CI
 * without requests needs no memory, any other at most 17 kB. Keeps no process alive, and ends when the pool is closed.
 */
export class Sampler {
  readonly #watchable: Watchable;
  readonly #sampled = new Map<string, Sampled>();
  #pool: Series | undefined;
  #startMs = 0;
  #phase: 'first' | 'later' | 'stopped' = 'stopped';
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(watchable: Watchable) {
    this.#watchable = watchable;
  }

  start(): void {
    this.#phase = 'first';
    this.#startMs = performance.now();
    this.#pool = new Series(this.#startMs, this.#watchable.poolLoad());
    this.#begin();
  }

  /** Ends. The last windows stay. */
  stop(): void {
    this.#phase = 'stopped';
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
  }

  /** Number of CIs with a series. */
  get size(): number {
    return this.#sampled.size;
  }

  /** Returns the windows of one CI; `undefined` if none of its requests has ended within the last hour. */
  recent(ci: string): Windows | undefined {
    return this.#of(ci)?.series.windows();
  }

  /** Returns since when a CI has answered nothing, ms since the epoch. */
  unansweredSince(ci: string): number | undefined {
    return this.#of(ci)?.unanswered.since;
  }

  /** Returns the windows of the whole pool. */
  recentOfPool(): Windows | undefined {
    return this.#pool?.windows();
  }

  /** Returns what was sampled of a CI. Another CI of the same name starts afresh. */
  #of(ci: string): Sampled | undefined {
    const sampled = this.#sampled.get(ci);
    return sampled === undefined || sampled.load !== this.#watchable.load(ci) ? undefined : sampled;
  }

  #begin(): void {
    const names = this.#watchable.cis;
    const beginMs = performance.now();
    let next = 0;
    const go = (): void => {
      const turnMs = performance.now();
      do {
        const end = Math.min(next + CIS_A_LOOK, names.length);
        for (; next < end; next += 1) this.#sample(names[next] as string);
      } while (next < names.length && performance.now() - turnMs < TURN_MS);
      // Not unref'd: the loop of a quiet process would not turn. The CIs of a round end it.
      if (next < names.length) this.#turn = setImmediate(go);
      else this.#finish(beginMs);
    };
    go();
  }

  #finish(beginMs: number): void {
    for (const [name, { load }] of this.#sampled) if (this.#watchable.load(name) !== load) this.#sampled.delete(name);
    this.#pool?.sample(performance.now(), this.#watchable.poolLoad());
    this.#phase = 'later';
    if (this.#watchable.state === 'closed') return this.stop();
    const leftMs = SAMPLE_MS - (performance.now() - beginMs);
    this.#timer = setTimeout(() => this.#begin(), Math.max(leftMs, SAMPLE_MS / 2)).unref();
  }

  #sample(name: string): void {
    const load = this.#watchable.load(name);
    if (load === undefined) return;
    const { metrics, inFlight } = load;
    const counters = { succeeded: metrics.succeeded, failed: metrics.failures, service: metrics.durations.service };
    const progress = counters.succeeded + counters.failed + metrics.cancelled + metrics.chunks;
    let sampled = this.#sampled.get(name);
    if (sampled?.load !== load) {
      this.#sampled.delete(name);
      if (progress === 0 && inFlight === 0) return;
      sampled = this.#begun(load, counters);
      this.#sampled.set(name, sampled);
    }
    sampled.series.sample(performance.now(), counters);
    sampled.unanswered.sample(performance.now(), inFlight, progress);
  }

  /** Starts the series of a CI that has requests now. Before the first round ends, earlier ones are of unknown age. */
  #begun(load: CiLoad, counters: ConstructorParameters<typeof Series>[1]): Sampled {
    const nowMs = performance.now();
    const addedMs = nowMs - load.ageMs;
    // Until now, such a CI had no requests: its series begins when it was added, or when the sampler started.
    const isCounted = this.#phase === 'later' || addedMs > this.#startMs;
    const series = isCounted ? new Series(Math.max(addedMs, this.#startMs)) : new Series(nowMs, counters);
    return { load, series, unanswered: new Unanswered() };
  }
}
