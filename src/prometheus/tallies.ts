import type { CiMetrics, Durations } from '../observe/metrics.js';
import type { CiReading } from '../observe/watchable.js';
import { addTo, bucketsOf, noBuckets } from './buckets.js';
import type { CiCounter, CiGauge, CiHistogram, Family, PoolCounter, PoolHistogram } from './families.js';
import { ciLabel, histogramSamples, OTHER, sample } from './sample-text.js';

/** Where a CI belongs in one pass. */
export interface Place {
  /** Its label, if it has a name of its own; `undefined`: it is added up as `_other`. */
  readonly label: string | undefined;
  /** True after its removal, while its requests finish: its counters go on, and it has no state to show. */
  readonly isLeaving: boolean;
}

/** What is known without a look at the present CIs. */
export interface Past {
  /** The counts of all CIs that have left. */
  readonly left: CiMetrics;
  /** The part of it that was shown under names of their own. */
  readonly named: CiMetrics;
  readonly durations: Durations;
  /** In seconds. */
  readonly lag: number | undefined;
  readonly version: string;
}

/** The samples of one family, in one pass. */
export interface Tally {
  readonly family: Family;
  take(ci: CiReading, place: Place): void;
  /** Returns true if CIs without a name of their own have counted anything. */
  readonly hasOther: boolean;
  /** Returns the samples, in parts. `withOther`: those of `_other`, too. */
  samples(withOther: boolean): readonly string[];
}

const otherLabel = ciLabel(OTHER);

/** Returns an empty tally for a family. */
export function tallyOf(family: Family, past: Past): Tally {
  switch (family.of) {
    case 'ci counter':
      return new CiCounterTally(family, past);
    case 'ci gauge':
      return new CiGaugeTally(family);
    case 'ci histogram':
      return new CiHistogramTally(family, past);
    case 'pool counter':
      return new PoolCounterTally(family, past);
    case 'pool histogram':
      return fixed(family, () => histogramSamples(family.name, '', bucketsOf(family.read(past.durations))));
    case 'process':
      return fixed(family, () =>
        family.value === 'version'
          ? sample(family.name, '', `version="${past.version}"`, 1)
          : past.lag === undefined
            ? ''
            : sample(family.name, '', '', past.lag),
      );
  }
}

class CiCounterTally implements Tally {
  readonly family: CiCounter;
  readonly #parts: string[] = [];
  readonly #other = new Map<string, number>();

  constructor(family: CiCounter, { left, named }: Past) {
    this.family = family;
    family.read(left, (labels, value) => this.#add(labels, value));
    family.read(named, (labels, value) => this.#add(labels, -value));
  }

  get hasOther(): boolean {
    for (const value of this.#other.values()) if (value > 0) return true;
    return false;
  }

  take({ metrics }: CiReading, { label, isLeaving }: Place): void {
    if (label === undefined) return this.family.read(metrics, (labels, value) => this.#add(labels, value));
    if (isLeaving) return;
    let text = '';
    this.family.read(metrics, (labels, value) => {
      text += sample(this.family.name, label, labels, value);
    });
    this.#parts.push(text);
  }

  samples(withOther: boolean): readonly string[] {
    if (!withOther) return this.#parts;
    return [
      ...this.#parts,
      ...[...this.#other].map(([labels, value]) => sample(this.family.name, otherLabel, labels, value)),
    ];
  }

  #add(labels: string, value: number): void {
    this.#other.set(labels, (this.#other.get(labels) ?? 0) + value);
  }
}

const joins: Readonly<Record<CiGauge['join'], (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  least: Math.min,
  most: Math.max,
};

function joined(known: number | undefined, value: number, join: (a: number, b: number) => number): number {
  return known === undefined ? value : join(known, value);
}

class CiGaugeTally implements Tally {
  readonly family: CiGauge;
  readonly hasOther = false;
  readonly #parts: string[] = [];
  readonly #other = new Map<string, number>();

  constructor(family: CiGauge) {
    this.family = family;
  }

  take(ci: CiReading, { label, isLeaving }: Place): void {
    if (isLeaving) return;
    const { name, join } = this.family;
    let text = '';
    this.family.read(ci, (labels, value) => {
      if (label !== undefined) text += sample(name, label, labels, value);
      else this.#other.set(labels, joined(this.#other.get(labels), value, joins[join]));
    });
    if (text !== '') this.#parts.push(text);
  }

  samples(): readonly string[] {
    return [
      ...this.#parts,
      ...[...this.#other].map(([labels, value]) => sample(this.family.name, otherLabel, labels, value)),
    ];
  }
}

class CiHistogramTally implements Tally {
  readonly family: CiHistogram;
  readonly #parts: string[] = [];
  readonly #other = noBuckets();

  constructor(family: CiHistogram, { left, named }: Past) {
    this.family = family;
    addTo(this.#other, family.read(left));
    addTo(this.#other, family.read(named), -1);
  }

  get hasOther(): boolean {
    return this.#other.count > 0;
  }

  take({ metrics }: CiReading, { label, isLeaving }: Place): void {
    const histogram = this.family.read(metrics);
    if (label === undefined) addTo(this.#other, histogram);
    else if (!isLeaving) this.#parts.push(histogramSamples(this.family.name, label, bucketsOf(histogram)));
  }

  samples(withOther: boolean): readonly string[] {
    return withOther ? [...this.#parts, histogramSamples(this.family.name, otherLabel, this.#other)] : this.#parts;
  }
}

class PoolCounterTally implements Tally {
  readonly family: PoolCounter;
  readonly hasOther = false;
  #sum: number;

  constructor(family: PoolCounter, { left }: Past) {
    this.family = family;
    this.#sum = family.read(left);
  }

  take({ metrics }: CiReading): void {
    this.#sum += this.family.read(metrics);
  }

  samples(): readonly string[] {
    const { name, divisor = 1 } = this.family;
    return [sample(name, '', '', this.#sum / divisor)];
  }
}

function fixed(family: PoolHistogram | Extract<Family, { of: 'process' }>, text: () => string): Tally {
  const parts = [text()];
  return { family, hasOther: false, take: () => {}, samples: () => parts };
}
