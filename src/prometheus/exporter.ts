import { packageVersion } from '../node/package-version.js';
import type { Watchable } from '../observe/watchable.js';
import { LagMeter } from './lag-meter.js';
import { NamedCis } from './named-cis.js';
import { Pass } from './pass.js';
import { Turns } from './turns.js';

/**
 * Reads a pool for those who scrape it, in turns. Whoever asks during a reading shares the next one with all others that
 * wait: so at most two are under way, and each includes every request that had ended when it was asked for.
 */
export class Exporter {
  readonly #watchable: Watchable;
  readonly #names: NamedCis;
  readonly #lag: LagMeter;
  readonly #version = packageVersion();
  #running: Promise<Pass> | undefined;
  #next: Promise<Pass> | undefined;

  constructor(watchable: Watchable, maxCis: number, lag: LagMeter) {
    this.#watchable = watchable;
    this.#names = new NamedCis(maxCis);
    this.#lag = lag;
  }

  /** Returns a reading that begins now, or when the present one ends. */
  read(): Promise<Pass> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.#running ?? this.#start();
    });
    return this.#next;
  }

  #start(): Promise<Pass> {
    const running = this.#pass().finally(() => {
      this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #pass(): Promise<Pass> {
    const turns = new Turns();
    const pass = new Pass(this.#watchable.loads(), this.#names, {
      lag: this.#lag.read(performance.now()),
      version: this.#version,
    });
    while (pass.step()) {
      if (turns.isOver) await turns.next();
    }
    return pass;
  }
}

/** What is kept for a pool that was scraped. */
interface Kept {
  readonly lag: LagMeter;
  /** By `maxCis`, which decides the names. */
  readonly exporters: Map<number, Exporter>;
}

const kept = new WeakMap<Watchable, Kept>();

/** Returns the exporter of a pool: the same one for the same `maxCis`, because it remembers which CIs have names. */
export function exporterOf(watchable: Watchable, maxCis: number): Exporter {
  const { lag, exporters } = kept.get(watchable) ?? { lag: new LagMeter(), exporters: new Map<number, Exporter>() };
  kept.set(watchable, { lag, exporters });
  const exporter = exporters.get(maxCis) ?? new Exporter(watchable, maxCis, lag);
  exporters.set(maxCis, exporter);
  return exporter;
}
