export { contentTypes } from './accept.js';
export type { PrometheusOptions } from './options.js';
export { prometheusHandler } from './prometheus-handler.js';
export { type PrometheusTextOptions, prometheusText } from './prometheus-text.js';
