/**
 * Carries a trace from a request to its CI, in the form of W3C Trace Context: as `_meta` in a line, or as headers.
 *
 * @see https://www.w3.org/TR/trace-context/
 */
export interface TraceCarrier {
  /** The span that the CI's span has as its parent: `00-{trace id}-{span id}-{flags}` in lower-case hex. */
  readonly traceparent: string;
  /** Facts of single tracing systems, as `name=value` pairs with commas. At most 512 characters; longer ones are dropped. */
  readonly tracestate?: string | undefined;
}
