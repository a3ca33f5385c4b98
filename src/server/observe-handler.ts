import { defer, from, isObservable, map, Observable, of, type Subscriber } from 'rxjs';
import type { CiRequest } from './ci-request.js';
import type { CiHandler } from './options.js';

/** Tells a source of text to wait while the client does not read. */
export interface Gate {
  readonly isWritable: boolean;
  whenWritable(): Promise<void>;
}

/**
 * Turns the handler's answer into an Observable. It is cold: subscribing calls the handler, and unsubscribing stops the handler's source.
 * It takes the next piece of an async iterable only while the gate is writable. An Observable cannot be paused.
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
    // The client has left: nobody can receive an error of the source's cleanup.
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
  if (typeof piece !== 'string')
    throw new TypeError(`the handler answered with a value of type ${typeof piece}: use a string`);
  return piece;
}
