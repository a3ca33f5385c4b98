import type { CiReading, PoolLoads } from '../observe/watchable.js';
import { families } from './families.js';
import type { NamedCis } from './named-cis.js';
import { ciLabel, heading } from './sample-text.js';
import { type Past, type Place, type Tally, tallyOf } from './tallies.js';

/** The length of a part of the text, in characters. */
const PART_LENGTH = 65_536;

/** One reading of a pool: each CI is read at one moment, and exactly once. */
export class Pass {
  readonly #loads: PoolLoads;
  readonly #names: NamedCis;
  readonly #tallies: readonly Tally[];
  #next = 0;

  /** Begins it: `loads` must have been read in this turn. */
  constructor(loads: PoolLoads, names: NamedCis, { lag, version }: Pick<Past, 'lag' | 'version'>) {
    names.update(loads);
    this.#loads = loads;
    this.#names = names;
    const { past } = loads;
    const parts: Past = { left: past, named: names.left, durations: past.durations, lag, version };
    this.#tallies = families.map((family) => tallyOf(family, parts));
  }

  /** Reads one more CI. Returns false if all are read. */
  step(): boolean {
    const { cis, leaving } = this.#loads;
    const index = this.#next;
    this.#next += 1;
    const present = cis[index];
    if (present !== undefined) this.#take(...present, false);
    else {
      const left = leaving[index - cis.length];
      if (left === undefined) return false;
      this.#take('', left, true);
    }
    return true;
  }

  /** Returns the text, in parts of about 64 kB. Call it when all CIs are read. */
  *text(format: 'text' | 'openMetrics'): Generator<string> {
    const withOther = this.#names.hasOthers || this.#tallies.some(({ hasOther }) => hasOther);
    let part = '';
    for (const tally of this.#tallies) {
      part += heading(tally.family, format);
      for (const samples of tally.lines(withOther)) {
        part += samples;
        if (part.length < PART_LENGTH) continue;
        yield part;
        part = '';
      }
    }
    yield format === 'openMetrics' ? `${part}# EOF\n` : part;
  }

  #take(name: string, ci: CiReading, isLeaving: boolean): void {
    const label = this.#names.has(ci) ? ciLabel(name) : undefined;
    const place: Place = { label, isLeaving };
    for (const tally of this.#tallies) tally.take(ci, place);
  }
}
