import { type PrometheusTextOptions, prometheusHandler, prometheusText } from '../../../src/prometheus/index.js';
import { emptyRecord, flag, type Kind, none, optional, whole } from './kinds.js';
import { optionsRows, type Row } from './row.js';

const maxCis = optional(whole(0, 100_000));
const text: Readonly<Record<keyof PrometheusTextOptions, Kind>> = { maxCis, openMetrics: optional(flag) };

export const rowsOfPrometheus: readonly Row[] = [
  { of: 'prometheusHandler', names: 'pool', right: none, act: (value) => prometheusHandler(value as never) },
  ...optionsRows('prometheusHandler', (options, { pool }) => prometheusHandler(pool, options), optional(emptyRecord), {
    maxCis,
  }),
  { of: 'prometheusText', names: 'pool', right: none, act: (value) => prometheusText(value as never) },
  ...optionsRows('prometheusText', (options, { pool }) => prometheusText(pool, options), optional(emptyRecord), text),
];
