import { Observable, type Subscriber, type TeardownLogic } from 'rxjs';
import type { Reply, ReplyMode, RequestContext, StreamOptions } from '../contract/index.js';
import { aborted, ChoragusError } from '../errors/index.js';
import { checkRequestBytes, type EncodedRequest } from '../protocol/encode-request.js';
import { checkCarried } from '../request/check-carried.js';
import { PendingRequest } from '../request/pending-request.js';
import type { RequestObserver } from '../request/request-observer.js';
import { type RequestTerms, readTerms } from '../request/request-terms.js';
import { admit } from './admit.js';
import type { Ci } from './ci.js';

/** How a message becomes a request. */
export interface RequestKind<M> {
  readonly operation: RequestContext['operation'];
  readonly replyMode: ReplyMode;
  /** @throws ChoragusError `invalid_config` */
  encode(message: M): EncodedRequest;
}

/** Finds a CI that takes requests. @throws ChoragusError `closed` or `unknown_ci` */
export type FindCi = (name: string) => Ci;

/**
 * A cold request: subscribing sends it, unsubscribing cancels it. It is written at most once: a further subscription
 * errors with `already_sent`, unless the one before has ended with `not_sent`.
 *
 * A subclass with fields, not a chain of operators with closures, because every request takes this path.
 */
export class RequestObservable<T, M> extends Observable<T> {
  readonly name: string;
  readonly #find: FindCi;
  readonly #kind: RequestKind<M>;
  readonly #message: M;
  readonly #options: StreamOptions | undefined;
  #last: PendingRequest | undefined;

  constructor(find: FindCi, name: string, kind: RequestKind<M>, message: M, options: StreamOptions | undefined) {
    super();
    this.name = name;
    this.#find = find;
    this.#kind = kind;
    this.#message = message;
    this.#options = options;
  }

  /**
   * Sends the request to its CI, and returns what cancels it; undefined if it failed at once. `receiver` gets the
   * result.
   */
  begin(receiver: RequestObserver): PendingRequest | undefined {
    const last = this.#last;
    if (last !== undefined && !(last.isSettled && last.delivery === 'not_sent')) {
      const message = 'this request was subscribed before, and is never sent twice; make a new one for each try';
      receiver.error(new ChoragusError('already_sent', message, { ci: this.name, cause: last.error }));
      return undefined;
    }
    let ci: Ci;
    let encoded: EncodedRequest;
    let terms: RequestTerms;
    try {
      ci = this.#find(this.name);
      encoded = this.#kind.encode(this.#message);
      if (encoded.fields !== undefined) checkCarried(encoded.fields, ci);
      checkRequestBytes(encoded.body, ci.limits.maxRequestBytes, this.name);
      const { replyMode } = this.#kind;
      terms = this.#options === undefined ? ci.terms[replyMode] : readTerms(replyMode, this.#options, ci.limits);
      if (terms.signal?.aborted === true) throw aborted(terms.signal).with({ ci: this.name, delivery: 'not_sent' });
    } catch (error) {
      receiver.error(error);
      return undefined;
    }
    const nowMs = ci.now();
    const { onEnd } = terms;
    const to = onEnd === undefined ? receiver : tellingOfEnd(receiver, onEnd);
    const request = new PendingRequest(to, encoded, terms, ci, nowMs);
    this.#last = request;
    admit(request, ci, nowMs, this.#kind.operation, this.#message);
    return request;
  }

  /** @internal RxJS calls this for each subscription. */
  protected _subscribe(subscriber: Subscriber<T>): TeardownLogic {
    return this.begin(subscriber as RequestObserver);
  }
}

function tellingOfEnd(receiver: RequestObserver, onEnd: (reply: Reply) => void): RequestObserver {
  return {
    next: (value) => receiver.next(value),
    error: (error) => receiver.error(error),
    complete: (wholeOf) => {
      try {
        if (wholeOf !== undefined) onEnd(wholeOf());
      } catch (error) {
        return receiver.error(error);
      }
      receiver.complete();
    },
  };
}
