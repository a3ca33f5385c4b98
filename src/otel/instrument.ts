import { type TracerProvider, trace } from '@opentelemetry/api';
import * as v from 'valibot';
import { check, optionsOf, withMethods } from '../checks/index.js';
import type { Pool } from '../contract/index.js';
import { packageVersion } from '../node/package-version.js';
import { watchableOf } from '../observe/watchable.js';
import { ClientSpans } from './client-spans.js';
import { ServerSpans } from './server-spans.js';

/** Configures {@link instrument}. */
export interface InstrumentOptions {
  /**
   * If true, spans contain the text of messages and answers, and of the exceptions of handlers. Default: false.
   */
  readonly captureContent?: boolean | undefined;
  /**
   * If true, each request that `serveCi` answers gets a span, too, for all CIs that the process serves. Default: true
   * without a pool, else false.
   */
  readonly serve?: boolean | undefined;
  /** Makes the spans. Default: the provider that is registered with OpenTelemetry. */
  readonly tracerProvider?: TracerProvider | undefined;
}

/** Describes a running instrumentation. */
export interface Instrumentation extends Disposable {
  /** Makes no more spans. Those of requests in flight end with their requests. A second call does nothing. */
  disable(): void;
}

const flag = v.boolean('true or false');
const schema = optionsOf({
  captureContent: v.optional(flag, false),
  serve: v.optional(flag),
  tracerProvider: v.optional(withMethods<TracerProvider>('a TracerProvider', 'getTracer')),
});

/**
 * Makes an OpenTelemetry span of each request: of one pool, or of all pools of the process. The span is a child of the
 * span that is active when the request is subscribed. A request has one span, however many instrumentations see it. An
 * exception of OpenTelemetry affects no request.
 *
 * @throws ChoragusError `invalid_config` for a bad option, or if `pool` is not a pool.
 *
 * @example
 * ```ts
 * new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] }).register();
 * const instrumentation = instrument();
 * ```
 *
 * @see `docs/monitoring.md`
 */
export function instrument(pool?: Pool, options: InstrumentOptions = {}): Instrumentation {
  if (pool !== undefined) watchableOf(pool, 'instrument');
  const { captureContent, serve = pool === undefined, tracerProvider } = check(schema, options, { of: 'instrument' });
  const tracer = (tracerProvider ?? trace).getTracer('choragus', packageVersion());
  const spans = [
    new ClientSpans(tracer, pool, captureContent),
    ...(serve ? [new ServerSpans(tracer, captureContent)] : []),
  ];
  const disable = (): void => {
    for (const each of spans.splice(0)) each.disable();
  };
  return { disable, [Symbol.dispose]: disable };
}
