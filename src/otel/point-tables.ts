import type { Attributes, HrTime } from '@opentelemetry/api';
import type { Metric, MetricHistogram, MetricPoint } from './metric-data.js';

/** The name, the unit and the meaning of a metric. */
export interface MetricName {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
}

/** Makes one number of two. */
export type Join = (a: number, b: number) => number;

/** When the values of a series were 0, and when they were read. */
export interface Period {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

/** The numbers of one metric. */
export class NumberTable {
  readonly #points: MetricPoint<number>[] = [];
  readonly #joined = new Map<string, { -readonly [Field in keyof MetricPoint<number>]: MetricPoint<number>[Field] }>();

  /** Adds the value of a series of its own. */
  add(attributes: Attributes, value: number, { startTime, endTime }: Period): void {
    this.#points.push({ startTime, endTime, attributes, value });
  }

  /** Joins a value with those before it that have the same key. `attributesOf` is called for the first one. */
  join(key: string, attributesOf: () => Attributes, value: number, period: Period, join: Join): void {
    const known = this.#joined.get(key);
    if (known === undefined) this.#joined.set(key, { ...period, attributes: attributesOf(), value });
    else known.value = join(known.value, value);
  }

  metric(name: MetricName, type: 'sum' | 'gauge'): Metric {
    const dataPoints = this.#points.concat(...this.#joined.values());
    const base = { descriptor: { ...name, valueType: 1 }, aggregationTemporality: 1, dataPoints } as const;
    return type === 'gauge' ? { ...base, dataPointType: 2 } : { ...base, dataPointType: 3, isMonotonic: true };
  }
}

/** The distributions of one metric. */
export class HistogramTable {
  readonly #points: MetricPoint<MetricHistogram>[] = [];

  add(attributes: Attributes, value: MetricHistogram, period: Period): void {
    this.#points.push({ ...period, attributes, value });
  }

  metric(name: MetricName): Metric {
    const descriptor = { ...name, valueType: 1 } as const;
    return { descriptor, aggregationTemporality: 1, dataPointType: 0, dataPoints: this.#points };
  }
}
