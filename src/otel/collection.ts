import type { Attributes, HrTime } from '@opentelemetry/api';
import type { Histogram } from '../observe/histogram.js';
import { type TokenCounts, tokenBounds } from '../observe/token-counts.js';
import type { CiReading, PoolLoads } from '../observe/watchable.js';
import { addTo, type Buckets, bucketBounds, bucketsOf, noBuckets } from '../prometheus/buckets.js';
import { type Add, type Family, families } from '../prometheus/families.js';
import type { NamedCis } from '../prometheus/named-cis.js';
import { OTHER } from '../prometheus/sample-text.js';
import type { Metric, MetricHistogram } from './metric-data.js';
import { HistogramTable, type Join, type MetricName, NumberTable, type Period } from './point-tables.js';
import { serverOf } from './server-of.js';

/** The attributes, by the labels of the same series in Prometheus. */
const attributeNames: Readonly<Record<string, string>> = {
  code: 'error.type',
  delivery: 'choragus.delivery',
  direction: 'choragus.direction',
  outcome: 'choragus.outcome',
  state: 'choragus.state',
};

const joins = { sum: (a: number, b: number) => a + b, least: Math.min, most: Math.max } as const;
const sum = joins.sum;

const duration: MetricName = {
  name: 'gen_ai.client.operation.duration',
  unit: 's',
  description: 'Time from the subscription to the whole answer, of requests that succeeded.',
};
const tokens: MetricName = {
  name: 'gen_ai.client.token.usage',
  unit: '{token}',
  description: 'Tokens of single answers, as the CIs report them.',
};

/** One reading of a pool: each CI is read at one moment, and exactly once. */
export class Collection {
  readonly #loads: PoolLoads;
  readonly #names: NamedCis;
  readonly #endTime = hrTime(Date.now());
  readonly #sinceStart: Period = { startTime: hrTime(performance.timeOrigin), endTime: this.#endTime };
  readonly #numbers = new Map<Family, NumberTable>();
  readonly #histograms = new Map<Family, HistogramTable>();
  readonly #others = new Map<Family, Buckets>();
  readonly #durations = new HistogramTable();
  readonly #tokens = new HistogramTable();

  /** Begins it: `loads` must have been read in this turn. */
  constructor(loads: PoolLoads, names: NamedCis) {
    names.update(loads);
    this.#loads = loads;
    this.#names = names;
    for (const family of families) this.#takePast(family);
  }

  /** Returns the readings of single CIs, to be called one by one. */
  *steps(): Generator<() => void> {
    const { cis, leaving } = this.#loads;
    for (const [name, ci] of cis) yield () => this.#take(name, ci, false);
    for (const ci of leaving) yield () => this.#take(OTHER, ci, true);
  }

  /** Returns the metrics. Call it when all CIs are read. */
  metrics(): Metric[] {
    const own = families.flatMap((family) => {
      if (family.of === 'process') return [];
      const numbers = this.#numbers.get(family);
      if (numbers !== undefined) return [numbers.metric(nameOf(family), family.type === 'gauge' ? 'gauge' : 'sum')];
      const other = this.#others.get(family);
      const histograms = this.#histograms.get(family) ?? new HistogramTable();
      if (other !== undefined && other.count > 0) {
        histograms.add({ 'choragus.ci': OTHER }, histogramOf(other), this.#sinceStart);
      }
      return [histograms.metric(nameOf(family))];
    });
    return [...own, this.#durations.metric(duration), this.#tokens.metric(tokens)];
  }

  /** Takes what does not belong to a CI of the pool: the counts of removed ones, and the durations of all. */
  #takePast(family: Family): void {
    const { past } = this.#loads;
    const { left } = this.#names;
    switch (family.of) {
      case 'ci counter':
        family.read(past, (labels, value) => this.#part(family, OTHER, labels, value));
        return family.read(left, (labels, value) => this.#part(family, OTHER, labels, -value));
      case 'ci histogram': {
        const other = noBuckets();
        addTo(other, family.read(past));
        addTo(other, family.read(left), -1);
        this.#others.set(family, other);
        return;
      }
      case 'pool counter':
        return this.#part(family, undefined, '', family.read(past) / (family.divisor ?? 1));
      case 'pool histogram':
        return this.#tableOf(family).add({}, histogramOf(bucketsOf(family.read(past.durations))), this.#sinceStart);
    }
  }

  #take(name: string, ci: CiReading, isLeaving: boolean): void {
    const isNamed = this.#names.has(ci);
    const startTime = isNamed ? hrTime(Date.now() - ci.ageMs) : this.#sinceStart.startTime;
    const period: Period = { startTime, endTime: this.#endTime };
    // A named CI has no series from its removal on.
    const isShown = !(isNamed && isLeaving);
    for (const family of families) {
      const take: Add = isNamed
        ? (labels, value) => this.#named(family, name, labels, value, period)
        : (labels, value) =>
            this.#part(family, OTHER, labels, value, family.of === 'ci gauge' ? joins[family.join] : sum);
      if (family.of === 'pool counter') {
        this.#part(family, undefined, '', family.read(ci.metrics) / (family.divisor ?? 1));
      } else if (family.of === 'ci counter' && isShown) family.read(ci.metrics, take);
      else if (family.of === 'ci gauge' && !isLeaving) family.read(ci, take);
      else if (family.of === 'ci histogram' && isShown) {
        this.#histogram(family, family.read(ci.metrics), isNamed ? name : undefined, period);
      }
    }
    if (isNamed && isShown) this.#genAi(name, ci, period);
  }

  /** Takes a number of a CI with a name of its own. */
  #named(family: Family, ci: string, labels: string, value: number, period: Period): void {
    this.#numbersOf(family).add({ 'choragus.ci': ci, ...attributesOf(labels) }, value, period);
  }

  /** Takes a part of a number: of `_other`, or of the whole pool without a name. */
  #part(family: Family, ci: typeof OTHER | undefined, labels: string, value: number, join: Join = sum): void {
    const attributes = (): Attributes => ({
      ...(ci === undefined ? {} : { 'choragus.ci': ci }),
      ...attributesOf(labels),
    });
    this.#numbersOf(family).join(labels, attributes, value, this.#sinceStart, join);
  }

  #numbersOf(family: Family): NumberTable {
    const table = this.#numbers.get(family) ?? new NumberTable();
    this.#numbers.set(family, table);
    return table;
  }

  #histogram(family: Extract<Family, { of: 'ci histogram' }>, of: Histogram, ci: string | undefined, period: Period) {
    const other = this.#others.get(family) as Buckets;
    if (ci === undefined) addTo(other, of);
    else this.#tableOf(family).add({ 'choragus.ci': ci }, histogramOf(bucketsOf(of)), period);
  }

  #tableOf(family: Family): HistogramTable {
    const table = this.#histograms.get(family) ?? new HistogramTable();
    this.#histograms.set(family, table);
    return table;
  }

  /** Takes the metrics of the GenAI conventions. */
  #genAi(name: string, { url, metrics }: CiReading, period: Period): void {
    const { provider, model, server } = serverOf(url);
    const attributes: Attributes = {
      'gen_ai.operation.name': model === undefined ? 'invoke_agent' : 'chat',
      'gen_ai.provider.name': provider,
      'gen_ai.agent.name': name,
      ...(model === undefined ? {} : { 'gen_ai.request.model': model }),
      ...server,
    };
    if (metrics.total.count > 0) this.#durations.add(attributes, histogramOf(bucketsOf(metrics.total)), period);
    for (const [type, counts] of [
      ['input', metrics.inputPerAnswer],
      ['output', metrics.outputPerAnswer],
    ] as const) {
      if (counts !== undefined) {
        this.#tokens.add({ ...attributes, 'gen_ai.token.type': type }, tokensOf(counts), period);
      }
    }
  }
}

/** Returns the name of a family, without its unit and its type: `choragus.requests` for `choragus_requests_total`. */
function nameOf({ name, help }: Family): MetricName {
  const plain = name.replace(/^choragus_/, '').replace(/_total$/, '');
  // Only a unit at the end is added again by what turns the names into those of Prometheus.
  const unit = plain.endsWith('_seconds') ? 's' : '';
  return { name: `choragus.${plain.replace(/_seconds$/, '')}`, description: help, unit };
}

/** The attributes of labels as the families write them: a few texts, again and again. */
const parsed = new Map<string, Attributes>();

function attributesOf(labels: string): Attributes {
  const known = parsed.get(labels);
  if (known !== undefined) return known;
  const attributes: Attributes = {};
  for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
    attributes[attributeNames[label] ?? `choragus.${label}`] = value;
  }
  parsed.set(labels, attributes);
  return attributes;
}

function histogramOf({ below, count, sumMicros }: Buckets): MetricHistogram {
  const counts = [...below, count].map((upTo, index) => upTo - (below[index - 1] ?? 0));
  return { buckets: { boundaries: [...bucketBounds], counts }, sum: sumMicros / 1e6, count };
}

function tokensOf({ counts, count, sum: all }: TokenCounts): MetricHistogram {
  return { buckets: { boundaries: [...tokenBounds], counts: [...counts] }, sum: all, count };
}

function hrTime(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1_000);
  return [seconds, Math.round((epochMs - seconds * 1_000) * 1e6)];
}
