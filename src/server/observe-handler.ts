import { defer, from, isObservable, map, Observable, of, type Subscriber } from 'rxjs';
import type { CiRequest } from './ci-request.js';
import type { CiHandler } from './options.js';

/** What tells a source of text to wait. */
export interface Gate {
  readonly isWritable: boolean;
  whenWritable(): Promise<void>;
}

/**
 * What the handler says, as one kind of stream. Cold: subscribing calls the handler, unsubscribing stops what it returned.
 * From an async iterable it takes the next piece only while the gate is open; an Observable cannot be held back.
 *
 * @internal
 */
export function observeHandler(handler: CiHandler, request: CiRequest, gate: Gate): Observable<string> {
  return defer((): Observable<unknown> => {
    const result: unknown = handler(request);
    if (isObservable(result)) return result;
    if (isAsyncIterable(result)) return pulled(result, gate);
    return isPromiseLike(result) ? from(result) : of(result);
  }).pipe(map(asText));
}

function pulled(source: AsyncIterable<unknown>, gate: Gate): Observable<unknown> {
  return new Observable((subscriber) => {
    const iterator = source[Symbol.asyncIterator]();
    let isOver = false;
    pull(iterator, subscriber, gate)
      .finally(() => {
        isOver = !subscriber.closed;
      })
      .then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
    return () => {
      if (!isOver) void stop(iterator);
    };
  });
}

async function stop(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // The client has left: nobody is there to hear how the source's cleaning up went.
  }
}

async function pull(iterator: AsyncIterator<unknown>, subscriber: Subscriber<unknown>, gate: Gate): Promise<void> {
  while (!subscriber.closed) {
    const { done, value } = await iterator.next();
    if (done === true) return;
    subscriber.next(value);
    if (!gate.isWritable) await gate.whenWritable();
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function asText(piece: unknown): string {
  if (typeof piece !== 'string') throw new TypeError(`the handler answered with ${typeof piece} in place of a string`);
  return piece;
}
