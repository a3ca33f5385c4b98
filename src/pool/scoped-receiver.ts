import { AsyncResource } from 'node:async_hooks';
import type { Chunk, Reply } from '../contract/index.js';
import type { Receiver } from './receiver.js';

/**
 * Calls a subscriber in the async context (AsyncLocalStorage) that it subscribed in, and not in that of whoever dialled the connection or
 * asked before. Costs 25 ns a request and 8 ns a call, with a store or without.
 */
export class ScopedReceiver extends AsyncResource implements Receiver {
  readonly #receiver: Receiver;

  constructor(receiver: Receiver) {
    super('ChoragusRequest');
    this.#receiver = receiver;
  }

  next(value: Reply | Chunk): void {
    this.runInAsyncScope(this.#receiver.next, this.#receiver, value);
  }

  error(error: unknown): void {
    this.runInAsyncScope(this.#receiver.error, this.#receiver, error);
  }

  complete(wholeOf?: () => Reply): void {
    this.runInAsyncScope(this.#receiver.complete, this.#receiver, wholeOf);
  }
}
