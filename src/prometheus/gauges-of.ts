import type { Pool } from '../contract/index.js';
import { watchableOf } from '../observe/watchable.js';
import { families } from './families.js';

/** The value of a gauge: a number, or for a gauge with a second label, numbers by its values. */
export type GaugeValue = number | Readonly<Record<string, number>>;

/**
 * Returns the gauges of each CI of a pool, by the names that Prometheus sees.
 *
 * @internal For `choragus status`.
 */
export function gaugesOf(pool: Pool): ReadonlyMap<string, Readonly<Record<string, GaugeValue>>> {
  const { cis } = watchableOf(pool, 'gaugesOf').loads();
  return new Map(
    cis.map(([name, ci]) => {
      const gauges: Record<string, GaugeValue> = {};
      for (const family of families) {
        if (family.of !== 'ci gauge') continue;
        const byLabel: Record<string, number> = {};
        family.read(ci, (labels, value) => {
          byLabel[/"(.*)"/.exec(labels)?.[1] ?? ''] = value;
        });
        gauges[family.name] = byLabel[''] ?? byLabel;
      }
      return [name, gauges];
    }),
  );
}
