import * as v from 'valibot';
import { check, optionsOf, wholeNumber } from '../checks/index.js';
import type { Pool } from '../contract/index.js';
import { packageVersion } from '../node/package-version.js';
import { watchableOf } from '../observe/watchable.js';
import { NamedCis } from '../prometheus/named-cis.js';
import { Turns } from '../prometheus/turns.js';
import { Collection } from './collection.js';
import type { MetricResource, PoolMetricProducer, PoolMetrics } from './metric-data.js';

/** Configures {@link metricProducer}. */
export interface MetricProducerOptions {
  /**
   * The number of CIs with series of their own, 0 to 100,000: the first ones that were added. The others are summed as
   * `_other`. Default: 200.
   */
  readonly maxCis?: number | undefined;
}

const schema = optionsOf({ maxCis: v.optional(wholeNumber(0, 100_000), 200) });

/**
 * Returns the metrics of a pool for OpenTelemetry's SDK: give it to a `MetricReader` as one of its `metricProducers`. It
 * reads the counters that the pool keeps anyway, so a request costs nothing more. All sums are cumulative.
 *
 * @throws ChoragusError `invalid_config` for a bad option, or if `pool` is not a pool.
 *
 * @example
 * ```ts
 * const reader = new PeriodicExportingMetricReader({
 *   exporter: new OTLPMetricExporter(),
 *   metricProducers: [metricProducer(pool)],
 * });
 * const provider = new MeterProvider({ readers: [reader] });
 * ```
 *
 * @see `docs/monitoring.md`
 */
export function metricProducer(pool: Pool, options: MetricProducerOptions = {}): PoolMetricProducer {
  const { maxCis } = check(schema, options, { of: 'metricProducer' });
  const watchable = watchableOf(pool, 'metricProducer');
  const names = new NamedCis(maxCis);
  const scope = { name: 'choragus', version: packageVersion() };
  const collect = async (): Promise<PoolMetrics> => {
    const turns = new Turns();
    const collection = new Collection(watchable.loads(), names);
    for (const step of collection.steps()) {
      step();
      if (turns.isOver) await turns.next();
    }
    return { resourceMetrics: { resource, scopeMetrics: [{ scope, metrics: collection.metrics() }] }, errors: [] };
  };
  return {
    collect: () =>
      collect().catch((error: unknown) => ({ resourceMetrics: { resource, scopeMetrics: [] }, errors: [error] })),
  };
}

const resource: MetricResource = {
  attributes: {},
  merge: (other) => other ?? resource,
  getRawAttributes: () => [],
};
