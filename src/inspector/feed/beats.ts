import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Beat } from './records.js';

/** Interval of the beats, in ms. */
const BEAT_MS = 1_000;
/** How often the loop's delay is sampled, in ms. Node's sampler is native: a block of any length is seen whole. */
const SAMPLE_MS = 20;
const NANOS_IN_MS = 1e6;

/** Tells each second that the service is alive, and for how long its event loop was blocked. Keeps no process alive. */
export class Beats {
  readonly #tell: (beat: Beat) => void;
  #timer: NodeJS.Timeout | undefined;
  #delay: IntervalHistogram | undefined;

  constructor(tell: (beat: Beat) => void) {
    this.#tell = tell;
  }

  start(): void {
    const delay = monitorEventLoopDelay({ resolution: SAMPLE_MS });
    delay.enable();
    this.#delay = delay;
    this.#timer = setInterval(() => {
      // A sample is the time between two of them. Without any, the maximum is 0.
      const lagMs = Math.max(0, Math.round(delay.max / NANOS_IN_MS - SAMPLE_MS));
      delay.reset();
      this.#tell({ t: 'beat', at: Date.now(), lagMs });
    }, BEAT_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#delay?.disable();
  }
}
