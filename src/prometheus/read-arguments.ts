import * as v from 'valibot';
import { check, optionsOf, wholeNumber } from '../checks/index.js';
import type { Pool } from '../contract/index.js';
import { watchableOf } from '../observe/watchable.js';
import { type Exporter, exporterOf } from './exporter.js';

const entries = { maxCis: v.optional(wholeNumber(0, 100_000), 200) };
const handlerOptions = optionsOf(entries);
const textOptions = optionsOf({ ...entries, openMetrics: v.optional(v.boolean('true or false'), false) });

/** Checks the arguments of `prometheusHandler`. @throws ChoragusError `invalid_config` */
export function exporterFor(of: string, pool: Pool, options: unknown): Exporter {
  const { maxCis } = check(handlerOptions, options, { of });
  return exporterOf(watchableOf(pool, of), maxCis);
}

/** Checks the arguments of `prometheusText`. @throws ChoragusError `invalid_config` */
export function readingFor(
  of: string,
  pool: Pool,
  options: unknown,
): { readonly exporter: Exporter; readonly format: 'text' | 'openMetrics' } {
  const { maxCis, openMetrics } = check(textOptions, options, { of });
  return { exporter: exporterOf(watchableOf(pool, of), maxCis), format: openMetrics ? 'openMetrics' : 'text' };
}
