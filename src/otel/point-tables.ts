import type { Attributes, HrTime } from '@opentelemetry/api';
import type { Metric, MetricHistogram, MetricPoint } from './metric-data.js';

/** The name, the unit and the meaning of a metric. */
export interface MetricName {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
}

/** When the values of a series were 0, and when they were read. */
export interface Period {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

/** The numbers of one metric, by their attributes. */
export class NumberTable {
  readonly #points = new Map<string, MetricPoint<number>>();

  /** Joins a value with the one that has the same attributes. */
  add(
    key: string,
    attributes: Attributes,
    value: number,
    period: Period,
    join: (a: number, b: number) => number,
  ): void {
    const known = this.#points.get(key);
    const joined = known === undefined ? value : join(known.value, value);
    this.#points.set(key, { ...period, ...known, attributes, value: joined });
  }

  metric(name: MetricName, type: 'sum' | 'gauge'): Metric {
    const dataPoints = [...this.#points.values()];
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
