import {
  type InstrumentOptions,
  instrument,
  type MetricProducerOptions,
  metricProducer,
} from '../../../src/otel/index.js';
import { emptyRecord, flag, type Kind, none, optional, whole } from './kinds.js';
import { optionsRows, type Row } from './row.js';

type Kinds<T> = Readonly<Record<keyof T, Kind>>;

const spans: Kinds<InstrumentOptions> = {
  captureContent: optional(flag),
  serve: optional(flag),
  tracerProvider: optional(),
};
const metrics: Kinds<MetricProducerOptions> = { maxCis: optional(whole(0, 100_000)) };

export const rowsOfOtel: readonly Row[] = [
  // Without a pool, it is for all pools.
  { of: 'instrument', names: 'pool', right: optional(), act: (value) => instrument(value as never).disable() },
  ...optionsRows(
    'instrument',
    (options, { pool }) => instrument(pool, options).disable(),
    optional(emptyRecord),
    spans,
  ),
  { of: 'metricProducer', names: 'pool', right: none, act: (value) => metricProducer(value as never) },
  ...optionsRows(
    'metricProducer',
    (options, { pool }) => metricProducer(pool, options),
    optional(emptyRecord),
    metrics,
  ),
];
