import type { Attributes, AttributeValue, HrTime } from '@opentelemetry/api';

// What the SDK's `MetricReader` takes, declared here so that the SDK is not needed. A test assigns one to the other.

/** Describes the resource of a collection. The reader replaces it with the resource of its provider. */
export interface MetricResource {
  /** Always empty. */
  readonly attributes: Attributes;
  /** Returns the other resource; this one if it is null. */
  merge(other: MetricResource | null): MetricResource;
  /** Returns an empty list. */
  getRawAttributes(): [string, AttributeValue | Promise<AttributeValue | undefined> | undefined][];
}

/** Describes one value of a metric. */
export interface MetricPoint<T> {
  /** When the value was 0. */
  readonly startTime: HrTime;
  /** When the value was read. */
  readonly endTime: HrTime;
  /** What the value is of, such as `choragus.ci`. */
  readonly attributes: Attributes;
  /** A number, or a distribution. */
  readonly value: T;
}

/** Describes a distribution: `counts` has one entry more than `boundaries`. */
export interface MetricHistogram {
  /** The upper bounds of the buckets, each included, and how many values are in each bucket. */
  readonly buckets: { boundaries: number[]; counts: number[] };
  /** Sum of all values. */
  readonly sum: number;
  /** Number of values. */
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
  /** The metrics, under the scope `choragus`. */
  readonly resourceMetrics: {
    readonly resource: MetricResource;
    readonly scopeMetrics: {
      readonly scope: { readonly name: string; readonly version?: string };
      metrics: Metric[];
    }[];
  };
  /** What was thrown while the pool was read. Empty if nothing was. */
  readonly errors: unknown[];
}

/** Reads a pool's counters for a `MetricReader` of OpenTelemetry's SDK: it is a `MetricProducer`. */
export interface PoolMetricProducer {
  /** Returns the present values. Never rejects. */
  collect(): Promise<PoolMetrics>;
}
