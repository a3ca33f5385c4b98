import { type Histogram, stepOf } from '../observe/histogram.js';

/** The upper bounds of the buckets, as powers of two in µs: 1 ms, 4 ms, doublings from 16 ms to 67 s, and 268 s. */
const POWERS: readonly number[] = [10, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28];

/** The upper bounds in µs. Each is a limit of the histogram's own steps, so the counts are exact. */
const BOUNDS_MICROS: readonly number[] = POWERS.map((power) => 2 ** power);

/** The upper bounds of the buckets, in seconds. The last bucket, `+Inf`, has none. */
export const bucketBounds: readonly number[] = BOUNDS_MICROS.map((micros) => micros / 1e6);

const steps = BOUNDS_MICROS.map((micros) => stepOf(micros / 1_000));

/** A histogram as Prometheus counts: each bucket includes the ones before it. Values of several CIs can be added. */
export interface Buckets {
  /** One count for each of {@link bucketBounds}. */
  readonly below: number[];
  count: number;
  /** In whole µs, so that sums are exact. */
  sumMicros: number;
}

/** Returns buckets without a duration. */
export function noBuckets(): Buckets {
  return { below: BOUNDS_MICROS.map(() => 0), count: 0, sumMicros: 0 };
}

/** Adds a histogram to buckets `times` times: -1 subtracts it. */
export function addTo(buckets: Buckets, histogram: Histogram, times: 1 | -1 = 1): void {
  if (histogram.count === 0) return;
  const below = histogram.countsBelow(steps);
  for (let i = 0; i < below.length; i += 1) {
    buckets.below[i] = (buckets.below[i] as number) + times * (below[i] as number);
  }
  buckets.count += times * histogram.count;
  buckets.sumMicros += times * Math.round(histogram.sumMs * 1_000);
}

/** Returns the buckets of one histogram. */
export function bucketsOf(histogram: Histogram): Buckets {
  const buckets = noBuckets();
  addTo(buckets, histogram);
  return buckets;
}
