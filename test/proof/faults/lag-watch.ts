const SAMPLE_MS = 5;

/** How late timers of 5 ms, one after the other, were. */
export interface Lag {
  /** The maximum at once. */
  readonly worstMs: number;
  /** The total: work of many turns is late by the total of a slow loop, though no single turn is. */
  readonly totalMs: number;
}

/** Measures how late the event loop is, so that a busy machine is not taken for a late pool. */
export class LagWatch {
  readonly #samples: { readonly atMs: number; readonly lagMs: number }[] = [];
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    this.#next();
  }

  /**
   * Returns how late the loop was between this moment and now. Settles with the next sample, to include a
   * delay that lasts right now.
   */
  async since(startMs: number): Promise<Lag> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let worstMs = 0;
    let totalMs = 0;
    for (const { atMs, lagMs } of this.#samples) {
      if (atMs < startMs) continue;
      worstMs = Math.max(worstMs, lagMs);
      totalMs += lagMs;
    }
    return { worstMs, totalMs };
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #next(): void {
    const dueMs = performance.now() + SAMPLE_MS;
    this.#timer = setTimeout(() => {
      const atMs = performance.now();
      this.#samples.push({ atMs, lagMs: atMs - dueMs });
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const resolve of waiting) resolve();
      this.#next();
    }, SAMPLE_MS);
  }
}
