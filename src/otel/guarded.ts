import { diag } from '@opentelemetry/api';

/**
 * Returns a function that never throws: an exception of a sampler, a span processor or an exporter must reach no
 * request. Reports the first one to OpenTelemetry's diagnostic logger.
 */
export function guarded<A extends readonly unknown[]>(fn: (...args: A) => void): (...args: A) => void {
  let hasReported = false;
  return (...args) => {
    try {
      fn(...args);
    } catch (error) {
      if (hasReported) return;
      hasReported = true;
      report(error);
    }
  };
}

function report(error: unknown): void {
  try {
    diag.error('choragus/otel: OpenTelemetry threw; the request is not affected', error);
  } catch {
    // The diagnostic logger throws, too.
  }
}
