import type { CiMetrics, Durations } from '../observe/metrics.js';
import type { CiReading } from '../observe/watchable.js';
import { addTo, type Buckets, bucketsOf, noBuckets } from './buckets.js';
import type { CiCounter, CiGauge, CiHistogram, Family, PoolCounter, PoolHistogram, ProcessValue } from './families.js';
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

/**
 * The values of one family, in one pass. It keeps numbers, and makes text of them when it is asked: texts that live for
 * the length of a pass cost the garbage collector more than all the rest.
 */
export interface Tally {
  readonly family: Family;
  take(ci: CiReading, place: Place): void;
  /** Returns true if CIs without a name of their own have counted anything. */
  readonly hasOther: boolean;
  /** Returns the samples, some lines at a time. `withOther`: those of `_other`, too. */
  lines(withOther: boolean): Iterable<string>;
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
      return fixed(family, histogramSamples(family.name, '', bucketsOf(family.read(past.durations))));
    case 'process':
      return fixed(family, processLine(family, past));
  }
}

/** To yield each line would cost as much as the line. */
const LINES_AT_ONCE = 32;

/** Values with their labels, in the order of the text. */
class Samples {
  readonly #cis: string[] = [];
  readonly #labels: string[] = [];
  readonly #values: number[] = [];
  #ci = '';

  /** Begins the values of a CI. */
  begin(ci: string): void {
    this.#ci = ci;
  }

  /** A property, because families take it as a function. */
  readonly add = (labels: string, value: number): void => {
    this.#cis.push(this.#ci);
    this.#labels.push(labels);
    this.#values.push(value);
  };

  *lines(name: string): Generator<string> {
    let text = '';
    for (let i = 0; i < this.#values.length; i += 1) {
      text += sample(name, this.#cis[i] as string, this.#labels[i] as string, this.#values[i] as number);
      if (i % LINES_AT_ONCE !== 0) continue;
      yield text;
      text = '';
    }
    yield text;
  }
}

class CiCounterTally implements Tally {
  readonly family: CiCounter;
  readonly #samples = new Samples();
  readonly #other = new Map<string, number>();

  constructor(family: CiCounter, { left, named }: Past) {
    this.family = family;
    family.read(left, this.#join);
    family.read(named, (labels, value) => this.#join(labels, -value));
  }

  get hasOther(): boolean {
    for (const value of this.#other.values()) if (value > 0) return true;
    return false;
  }

  take({ metrics }: CiReading, { label, isLeaving }: Place): void {
    if (label === undefined) return this.family.read(metrics, this.#join);
    if (isLeaving) return;
    this.#samples.begin(label);
    this.family.read(metrics, this.#samples.add);
  }

  *lines(withOther: boolean): Generator<string> {
    const { name } = this.family;
    yield* this.#samples.lines(name);
    if (withOther) for (const [labels, value] of this.#other) yield sample(name, otherLabel, labels, value);
  }

  readonly #join = (labels: string, value: number): void => {
    this.#other.set(labels, (this.#other.get(labels) ?? 0) + value);
  };
}

const joins: Readonly<Record<CiGauge['join'], (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  least: Math.min,
  most: Math.max,
};

class CiGaugeTally implements Tally {
  readonly family: CiGauge;
  readonly hasOther = false;
  readonly #samples = new Samples();
  readonly #other = new Map<string, number>();

  constructor(family: CiGauge) {
    this.family = family;
  }

  take(ci: CiReading, { label, isLeaving }: Place): void {
    if (isLeaving) return;
    if (label === undefined) return this.family.read(ci, this.#join);
    this.#samples.begin(label);
    this.family.read(ci, this.#samples.add);
  }

  *lines(): Generator<string> {
    const { name } = this.family;
    yield* this.#samples.lines(name);
    for (const [labels, value] of this.#other) yield sample(name, otherLabel, labels, value);
  }

  readonly #join = (labels: string, value: number): void => {
    const known = this.#other.get(labels);
    this.#other.set(labels, known === undefined ? value : joins[this.family.join](known, value));
  };
}

class CiHistogramTally implements Tally {
  readonly family: CiHistogram;
  readonly #named: (readonly [label: string, buckets: Buckets])[] = [];
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
    else if (!isLeaving) this.#named.push([label, bucketsOf(histogram)]);
  }

  *lines(withOther: boolean): Generator<string> {
    const { name } = this.family;
    for (const [label, buckets] of this.#named) yield histogramSamples(name, label, buckets);
    if (withOther) yield histogramSamples(name, otherLabel, this.#other);
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

  lines(): readonly string[] {
    const { name, divisor = 1 } = this.family;
    return [sample(name, '', '', this.#sum / divisor)];
  }
}

function fixed(family: PoolHistogram | ProcessValue, lines: string): Tally {
  return { family, hasOther: false, take: () => {}, lines: () => [lines] };
}

function processLine({ name, value }: ProcessValue, { lag, version }: Past): string {
  if (value === 'version') return sample(name, '', `version="${version}"`, 1);
  return lag === undefined ? '' : sample(name, '', '', lag);
}
