import type { Span } from '@opentelemetry/api';

/** Marks what has a span already, so that a second instrumentation makes no second one. */
const taken = new WeakSet<object>();

/** Marks a request. Returns false if it was marked before. */
export function take(context: object): boolean {
  if (taken.has(context)) return false;
  taken.add(context);
  return true;
}

/** The spans that have begun and not ended, of one instrumentation. */
export class OpenSpans {
  readonly #open = new Map<object, Opened>();
  #onEmpty: (() => void) | undefined;

  add(context: object, span: Span): void {
    this.#open.set(context, { span, startedMs: performance.now() });
  }

  of(context: object): Opened | undefined {
    return this.#open.get(context);
  }

  /** Removes and returns a span that ends. */
  remove(context: object): Opened | undefined {
    const opened = this.#open.get(context);
    if (this.#open.delete(context) && this.#open.size === 0) this.#onEmpty?.();
    return opened;
  }

  /** Calls `fn` once no span is open, now or later. */
  whenEmpty(fn: () => void): void {
    if (this.#open.size === 0) fn();
    else this.#onEmpty = fn;
  }
}

export interface Opened {
  readonly span: Span;
  readonly startedMs: number;
}
