import { Observable, type Subscriber, type TeardownLogic } from 'rxjs';
import type { Chunk, Outcome, Reply } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';
import type { PendingRequest } from '../request/pending-request.js';
import type { RequestObserver } from '../request/request-observer.js';
import type { RequestObservable } from './request-observable.js';

/** One CI's part of a broadcast, before it is subscribed. */
export type BroadcastPart = Pick<RequestObservable<unknown, unknown>, 'name' | 'begin'>;

/**
 * Emits each CI's outcome as it arrives, with a stream's chunks before it. Never errors.
 *
 * Written without `merge`, `map` and `catchError`, which cost more for each CI than its request.
 */
export class BroadcastObservable extends Observable<Outcome | Chunk> {
  readonly #partsOf: () => readonly BroadcastPart[];

  /** @param partsOf - Called at each subscription. Parts that were subscribed before fail. */
  constructor(partsOf: () => readonly BroadcastPart[]) {
    super();
    this.#partsOf = partsOf;
  }

  /** @internal RxJS calls this for each subscription. */
  protected _subscribe(subscriber: Subscriber<Outcome | Chunk>): TeardownLogic {
    const parts = this.#partsOf();
    const round = new Round(subscriber, parts.length);
    for (const part of parts) {
      // A subscriber may have unsubscribed after the first failures.
      if (subscriber.closed) break;
      round.begin(part);
    }
    return round;
  }
}

/** One subscription of a broadcast. */
class Round {
  readonly #subscriber: Subscriber<Outcome | Chunk>;
  readonly #requests: PendingRequest[] = [];
  #left: number;

  constructor(subscriber: Subscriber<Outcome | Chunk>, parts: number) {
    this.#subscriber = subscriber;
    this.#left = parts;
    if (parts === 0) subscriber.complete();
  }

  begin(part: BroadcastPart): void {
    const request = part.begin(new PartReceiver(part.name, this));
    if (request !== undefined) this.#requests.push(request);
  }

  chunk(chunk: Chunk): void {
    this.#subscriber.next(chunk);
  }

  over(outcome: Outcome): void {
    this.#left -= 1;
    this.#subscriber.next(outcome);
    if (this.#left === 0) this.#subscriber.complete();
  }

  unsubscribe(): void {
    for (const request of this.#requests) request.unsubscribe();
  }
}

/** Turns the result of one CI's request into its outcome. */
class PartReceiver implements RequestObserver {
  readonly #ci: string;
  readonly #round: Round;
  #reply: Reply | undefined;

  constructor(ci: string, round: Round) {
    this.#ci = ci;
    this.#round = round;
  }

  next(value: Reply | Chunk): void {
    if ('index' in value) this.#round.chunk(value);
    else this.#reply = value;
  }

  error(error: unknown): void {
    this.#round.over({ ci: this.#ci, ok: false, error: error as ChoragusError });
  }

  complete(wholeOf?: () => Reply): void {
    this.#round.over({ ci: this.#ci, ok: true, reply: wholeOf?.() ?? (this.#reply as Reply) });
  }
}
