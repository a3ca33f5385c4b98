import { context, propagation, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import type { Pool, RequestContext, TraceCarrier } from '../contract/index.js';
import { subscribeAll } from './channel-subscriptions.js';
import { endAttributes, nameOf, startAttributes } from './client-attributes.js';
import { inputOf, outputOf } from './content.js';
import { OpenSpans, take } from './open-spans.js';

/** Makes a span of each request. */
export class ClientSpans {
  readonly #tracer: Tracer;
  readonly #pool: Pool | undefined;
  readonly #isContentCaptured: boolean;
  readonly #open = new OpenSpans();
  readonly #leaveStart: () => void;
  readonly #leaveRest: () => void;

  /** @param pool - The pool whose requests are traced; undefined for all pools. */
  constructor(tracer: Tracer, pool: Pool | undefined, isContentCaptured: boolean) {
    this.#tracer = tracer;
    this.#pool = pool;
    this.#isContentCaptured = isContentCaptured;
    this.#leaveStart = subscribeAll<RequestContext>({
      'tracing:choragus:request:start': (request) => this.#start(request),
    });
    this.#leaveRest = subscribeAll<RequestContext>({
      'choragus:request:written': (request) => this.#written(request),
      'choragus:request:first_chunk': (request) => this.#firstChunk(request),
      'tracing:choragus:request:asyncEnd': (request) => this.#end(request),
    });
  }

  /** Makes no more spans. Those of requests in flight end with their requests. */
  disable(): void {
    this.#leaveStart();
    this.#open.whenEmpty(this.#leaveRest);
  }

  #start(request: RequestContext): void {
    if ((this.#pool !== undefined && this.#pool !== request.pool) || !take(request)) return;
    const attributes = startAttributes(request);
    const content = this.#isContentCaptured ? inputOf(request) : {};
    const parent = context.active();
    const options = { kind: SpanKind.CLIENT, attributes: { ...attributes, ...content } };
    const span = this.#tracer.startSpan(nameOf(request), options, parent);
    this.#open.add(request, span);
    request.carrier ??= carrierOf(span);
  }

  #written(request: RequestContext): void {
    const { connection, reused } = request;
    const facts = { 'choragus.connection': String(connection), 'choragus.reused': reused === true };
    this.#open.of(request)?.span.addEvent('choragus.written', facts);
  }

  #firstChunk(request: RequestContext): void {
    const opened = this.#open.of(request);
    if (opened === undefined) return;
    const seconds = (performance.now() - opened.startedMs) / 1_000;
    opened.span.addEvent('choragus.first_chunk');
    opened.span.setAttribute('gen_ai.response.time_to_first_chunk', seconds);
  }

  #end(request: RequestContext): void {
    const span = this.#open.remove(request)?.span;
    if (span === undefined) return;
    if (span.isRecording()) this.#describe(span, request);
    span.end();
  }

  #describe(span: Span, request: RequestContext): void {
    const { error, reply } = request;
    span.setAttributes(endAttributes(request));
    if (this.#isContentCaptured && reply !== undefined) span.setAttributes(outputOf(reply));
    // Without the peer's own words, which can hold content.
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error.plainReason });
  }
}

/** Returns the context of a span as the registered propagator writes it; undefined if that is not W3C's. */
function carrierOf(span: Span): TraceCarrier | undefined {
  const carrier: Partial<Record<keyof TraceCarrier, string>> = {};
  propagation.inject(trace.setSpan(context.active(), span), carrier);
  const { traceparent, tracestate } = carrier;
  return traceparent === undefined ? undefined : { traceparent, tracestate };
}
