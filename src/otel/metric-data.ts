import type { Attributes, AttributeValue, HrTime } from '@opentelemetry/api';

// What the SDK's `MetricReader` takes, declared here so that the SDK is not needed. A test assigns one to the other.

/** Describes the resource of a collection. The reader replaces it with the resource of its provider. */
export interface MetricResource {
  readonly attributes: Attributes;
  merge(other: MetricResource | null): MetricResource;
  getRawAttributes(): [string, AttributeValue | Promise<AttributeValue | undefined> | undefined][];
}

/** Describes one value of a metric. */
export interface MetricPoint<T> {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly attributes: Attributes;
  readonly value: T;
}

/** Describes a distribution: `counts` has one entry more than `boundaries`. */
export interface MetricHistogram {
  readonly buckets: { boundaries: number[]; counts: number[] };
  readonly sum: number;
  readonly count: number;
}

interface Base {
  readonly descriptor: {
    readonly name: string;
    readonly description: string;
    readonly unit: string;
    readonly valueType: 1;
  };
  /** `CUMULATIVE`. */
  readonly aggregationTemporality: 1;
}

/** Describes one metric: a histogram (0), a gauge (2) or a sum (3). */
export type Metric =
  | (Base & { readonly dataPointType: 0; readonly dataPoints: MetricPoint<MetricHistogram>[] })
  | (Base & { readonly dataPointType: 2; readonly dataPoints: MetricPoint<number>[] })
  | (Base & { readonly dataPointType: 3; readonly isMonotonic: true; readonly dataPoints: MetricPoint<number>[] });

/** Describes what a {@link PoolMetricProducer} collects. */
export interface PoolMetrics {
  readonly resourceMetrics: {
    readonly resource: MetricResource;
    readonly scopeMetrics: {
      readonly scope: { readonly name: string; readonly version?: string };
      metrics: Metric[];
    }[];
  };
  readonly errors: unknown[];
}

/** Reads a pool's counters for a `MetricReader` of OpenTelemetry's SDK: it is a `MetricProducer`. */
export interface PoolMetricProducer {
  /** Returns the present values. Never rejects. */
  collect(): Promise<PoolMetrics>;
}
