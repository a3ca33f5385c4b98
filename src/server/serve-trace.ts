import { tracingChannel } from 'node:diagnostics_channel';
import type { Observable, Observer, Subscription } from 'rxjs';
import type { ServeContext } from '../contract/index.js';
import { readCarrier } from '../protocol/trace-context.js';
import type { ServedRequest } from './ci-request.js';

/** Kept here, because Node forgets a channel without references. */
const channels = tracingChannel<unknown, ServeContext>('choragus:serve');

type Context = { -readonly [Field in keyof ServeContext]: ServeContext[Field] };

/** Returns whether anybody subscribes to the events of served requests. If not, a request builds no context. */
export function areAnswersWatched(): boolean {
  return channels.hasSubscribers;
}

/** Publishes the events of one request that is answered. Made only while somebody subscribes. */
export class ServeTrace {
  readonly #context: Context;

  constructor(ci: string, { type, isStream, raw }: ServedRequest) {
    this.#context = {
      ci,
      type,
      isStream,
      request: raw,
      carrier: readCarrier(raw._meta),
      run: undefined,
      outcome: undefined,
      error: undefined,
    };
  }

  /** Calls the handler by subscribing to `answer`, in the context that a subscriber may have set. */
  answer(answer: Observable<string>, observer: Observer<string>): Subscription {
    channels.start.publish(this.#context);
    const subscription = this.#run(() => answer.subscribe(this.#observing(observer)));
    channels.end.publish(this.#context);
    return subscription;
  }

  /** Publishes that the client left. Does nothing after the end. */
  cancelled(): void {
    this.#end('cancelled');
  }

  #run<T>(handle: () => T): T {
    let made: { readonly value: T } | undefined;
    const once = (): void => {
      made ??= { value: handle() };
    };
    const { run } = this.#context;
    try {
      if (run !== undefined) run(once);
    } catch {
      // The subscriber's fault must not cost the client its answer. An exception of the handler arrives as the observer's error.
    }
    once();
    return (made as unknown as { readonly value: T }).value;
  }

  #observing(observer: Observer<string>): Observer<string> {
    return {
      next: (piece) => observer.next(piece),
      error: (error: unknown) => {
        observer.error(error);
        this.#context.error = error;
        this.#end('failed');
      },
      complete: () => {
        observer.complete();
        this.#end('answered');
      },
    };
  }

  #end(outcome: NonNullable<ServeContext['outcome']>): void {
    const context = this.#context;
    if (context.outcome !== undefined) return;
    context.outcome = outcome;
    if (outcome === 'failed') channels.error.publish(context);
    channels.asyncStart.publish(context);
    channels.asyncEnd.publish(context);
  }
}
