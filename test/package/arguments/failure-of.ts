import { isObservable } from 'rxjs';
import { ChoragusError } from '../../../src/index.js';

/** The result of a call: the error that rejected it, or its value. */
export type Came = { readonly refused: unknown } | { readonly gave: unknown };

/**
 * Calls the function. Returns its error in any form: thrown, as a rejection, as the error of an Observable, in an
 * outcome of a broadcast, or from a loop over an iterable. Closes what a successful call opened.
 */
export async function failureOf(call: () => unknown): Promise<Came> {
  try {
    return await settle(call());
  } catch (refused) {
    return { refused };
  }
}

async function settle(result: unknown): Promise<Came> {
  if (isObservable(result)) return settleObservable(result);
  if (result instanceof Promise) return settle(await result);
  if (typeof result === 'object' && result !== null) {
    if (Symbol.asyncIterator in result) {
      const iterator = (result as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      const next = await soon(iterator.next());
      await iterator.return?.();
      return { gave: next };
    }
    if ('error' in result && result.error instanceof ChoragusError) return { refused: result.error };
    await closeAgain(result);
  }
  return { gave: result };
}

async function settleObservable(source: unknown): Promise<Came> {
  if (!isObservable(source)) return { gave: source };
  const got: unknown[] = [];
  const ended = new Promise<Came>((resolve) => {
    const subscription = source.subscribe({
      next: (value) => got.push(value),
      error: (refused: unknown) => resolve({ refused }),
      complete: () => resolve({ gave: got }),
    });
    setImmediate(() =>
      setImmediate(() => {
        subscription.unsubscribe();
        resolve({ gave: got });
      }),
    );
  });
  const came = await ended;
  const first: unknown = got[0];
  // A broadcast reports each CI's failure as an outcome.
  return typeof first === 'object' && first !== null && 'ok' in first ? settle(first) : came;
}

/** The settled value; undefined if that takes more than a few turns of the event loop. */
function soon(promise: Promise<unknown>): Promise<unknown> {
  const turns = new Promise((resolve) => setImmediate(() => setImmediate(() => resolve(undefined))));
  return Promise.race([promise, turns]);
}

async function closeAgain(made: object): Promise<void> {
  if (Symbol.asyncDispose in made) await (made as AsyncDisposable)[Symbol.asyncDispose]();
  else if ('close' in made && typeof made.close === 'function') await made.close();
}
