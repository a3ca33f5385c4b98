import { context, propagation, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { afterEach, beforeEach } from 'vitest';
import type { Pool } from '../../src/index.js';
import { type Instrumentation, type InstrumentOptions, instrument } from '../../src/otel/index.js';

/** OpenTelemetry's SDK, registered for each test of a file, with an exporter in memory. */
export interface Telemetry {
  /** Returns the spans that have ended. */
  readonly spans: readonly ReadableSpan[];
  /** Returns the only span with this name. */
  span(name: string): ReadableSpan;
  /** Starts an instrumentation that ends with the test. */
  instrument(pool?: Pool, options?: InstrumentOptions): Instrumentation;
  /** Runs `act` within a span of its own, and ends it when the promise settles. */
  within<T>(name: string, act: () => Promise<T>): Promise<T>;
}

export function useTelemetry(): Telemetry {
  let exporter = new InMemorySpanExporter();
  let provider = new NodeTracerProvider();
  const running: Instrumentation[] = [];

  beforeEach(() => {
    exporter = new InMemorySpanExporter();
    provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    provider.register();
  });

  afterEach(async () => {
    for (const each of running.splice(0)) each.disable();
    await provider.shutdown().catch(() => {});
    trace.disable();
    context.disable();
    propagation.disable();
  });

  return {
    get spans() {
      return exporter.getFinishedSpans();
    },
    span: (name) => {
      const named = exporter.getFinishedSpans().filter((span) => span.name === name);
      if (named.length === 1) return named[0] as ReadableSpan;
      const all = exporter.getFinishedSpans().map((span) => span.name);
      throw new Error(`${named.length} spans are named ${name}, of: ${all.join(', ')}`);
    },
    instrument: (pool, options) => {
      const instrumentation = instrument(pool, options);
      running.push(instrumentation);
      return instrumentation;
    },
    within: (name, act) =>
      provider.getTracer('test').startActiveSpan(name, async (span) => {
        try {
          return await act();
        } finally {
          span.end();
        }
      }),
  };
}
