import { Observable, type Subscriber, type TeardownLogic } from 'rxjs';
import { ChoragusError } from '../errors/index.js';
import type { Ci } from './ci.js';
import { PendingRequest } from './pending-request.js';
import type { RequestPlan } from './request-plan.js';

/** Finds the CI of a request and plans it, or throws the `ChoragusError` that the request ends in. */
export type Prepare = () => { readonly ci: Ci; readonly plan: RequestPlan };

/**
 * A request: cold, sent by subscribing, given up by unsubscribing. It reaches the wire at most once: a further
 * subscription errors with `already_sent`, unless the one before is known to be `not_sent` and over.
 *
 * A subclass with `_subscribe` in place of a chain of operators, because this is the path of every request.
 */
export class RequestObservable<T> extends Observable<T> {
  readonly #name: string;
  readonly #prepare: Prepare;
  #last: PendingRequest | undefined;

  constructor(ci: string, prepare: Prepare) {
    super();
    this.#name = ci;
    this.#prepare = prepare;
  }

  /** @internal RxJS calls this for each subscription. */
  protected _subscribe(subscriber: Subscriber<T>): TeardownLogic {
    const last = this.#last;
    if (last !== undefined && !(last.isSettled && last.delivery === 'not_sent')) {
      const message = 'this request was subscribed before, and is never sent twice; make a new one for each try';
      subscriber.error(new ChoragusError('already_sent', message, { ci: this.#name, cause: last.error }));
      return;
    }
    let prepared: ReturnType<Prepare>;
    try {
      prepared = this.#prepare();
    } catch (error) {
      subscriber.error(error);
      return;
    }
    const { ci, plan } = prepared;
    if (plan.signal?.aborted === true) {
      const details = { ci: this.#name, delivery: 'not_sent', cause: plan.signal.reason } as const;
      subscriber.error(new ChoragusError('cancelled', 'the signal was aborted', details));
      return;
    }
    const nowMs = ci.now();
    const request = new PendingRequest(subscriber, plan, ci, nowMs);
    this.#last = request;
    ci.admit(request, nowMs);
    return request;
  }
}
