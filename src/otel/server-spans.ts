import {
  type Attributes,
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { ServeContext } from '../contract/index.js';
import { subscribeAll } from './channel-subscriptions.js';
import { inputOf } from './content.js';
import { OpenSpans, take } from './open-spans.js';

/** Makes a span of each request that `serveCi` answers, as a child of its client's span, and runs the handler in it. */
export class ServerSpans {
  readonly #tracer: Tracer;
  readonly #isContentCaptured: boolean;
  readonly #open = new OpenSpans();
  readonly #leaveStart: () => void;
  readonly #leaveRest: () => void;

  constructor(tracer: Tracer, isContentCaptured: boolean) {
    this.#tracer = tracer;
    this.#isContentCaptured = isContentCaptured;
    this.#leaveStart = subscribeAll<ServeContext>({ 'tracing:choragus:serve:start': (served) => this.#start(served) });
    this.#leaveRest = subscribeAll<ServeContext>({ 'tracing:choragus:serve:asyncEnd': (served) => this.#end(served) });
  }

  /** Makes no more spans. Those of requests that are being answered end with their answers. */
  disable(): void {
    this.#leaveStart();
    this.#open.whenEmpty(this.#leaveRest);
  }

  #start(served: ServeContext): void {
    if (!take(served)) return;
    // Not the active context: whatever opened the socket has nothing to do with the request.
    const parent = propagation.extract(ROOT_CONTEXT, served.carrier ?? {});
    const attributes = { ...startAttributes(served), ...(this.#isContentCaptured ? contentOf(served) : {}) };
    const span = this.#tracer.startSpan(nameOf(served), { kind: SpanKind.SERVER, attributes }, parent);
    this.#open.add(served, span);
    const active = trace.setSpan(parent, span);
    const { run } = served;
    served.run = (handle) => context.with(active, run === undefined ? handle : () => run(handle));
  }

  #end(served: ServeContext): void {
    const span = this.#open.remove(served)?.span;
    if (span === undefined) return;
    const { outcome, error } = served;
    if (outcome !== undefined) span.setAttribute('choragus.outcome', outcome);
    if (outcome === 'failed') {
      span.setAttribute('error.type', error instanceof Error ? error.constructor.name : typeof error);
      // The message of an exception can hold content.
      const message = this.#isContentCaptured ? String(error) : 'the handler failed';
      span.setStatus({ code: SpanStatusCode.ERROR, message });
    }
    span.end();
  }
}

function nameOf({ ci, type }: ServeContext): string {
  return type === 'chat' ? `invoke_agent ${ci}` : `request ${ci}`;
}

function startAttributes({ ci, type, isStream }: ServeContext): Attributes {
  const own = { 'choragus.ci': ci, 'choragus.type': type };
  if (type !== 'chat') return own;
  return {
    ...own,
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.provider.name': 'choragus',
    'gen_ai.agent.name': ci,
    ...(isStream ? { 'gen_ai.request.stream': true } : {}),
  };
}

function contentOf({ request }: ServeContext): Attributes {
  return inputOf({ message: request });
}
