/** Time without news after which the service counts as silent, in ms. A beat comes each second. */
const SILENT_MS = 3_000;
/** Longest time for which the page continues the service's clock without news, in ms. */
const MOST_AHEAD_MS = 1_500;

/**
 * Tells the service's time, and for how long it has been silent. Measures with the page's own monotonic clock, because the
 * two machines' clocks can differ.
 */
export class Pulse {
  #at: number | undefined;
  #arrivedMs = 0;

  /** Notes news. `at` is the service's time, `nowMs` the page's monotonic time. */
  note(at: number, nowMs: number): void {
    this.#at = at;
    this.#arrivedMs = nowMs;
  }

  /** Forgets all: another service, with another clock, is watched. */
  reset(): void {
    this.#at = undefined;
  }

  /** Returns the service's time, at most 1.5 s after its last news; `undefined` before the first. */
  serviceTime(nowMs: number): number | undefined {
    return this.#at === undefined ? undefined : this.#at + Math.min(nowMs - this.#arrivedMs, MOST_AHEAD_MS);
  }

  /** Returns for how long the service has been silent, in ms; 0 up to 3 s. */
  silentMs(nowMs: number): number {
    const silent = this.#at === undefined ? 0 : nowMs - this.#arrivedMs;
    return silent > SILENT_MS ? silent : 0;
  }
}
