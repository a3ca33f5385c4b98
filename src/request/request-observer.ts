import type { Chunk, Reply } from '../contract/index.js';

/** Receives the result of a request; an RxJS subscriber is one. */
export interface RequestObserver {
  next(value: Reply | Chunk): void;
  error(error: unknown): void;
  /** Called after the last value. For a stream, `wholeOf` returns all of it as one reply. */
  complete(wholeOf?: () => Reply): void;
}

/** Emits a whole answer in one call, because each call enters the subscriber's async context. */
export function tellWhole(this: RequestObserver, reply: Reply): void {
  this.next(reply);
  this.complete();
}
