export { type Instrumentation, type InstrumentOptions, instrument } from './instrument.js';
export type {
  Metric,
  MetricHistogram,
  MetricPoint,
  MetricResource,
  PoolMetricProducer,
  PoolMetrics,
} from './metric-data.js';
export { type MetricProducerOptions, metricProducer } from './metric-producer.js';
