import type { Chunk, Reply } from '../contract/index.js';

/** Who is told what comes of a request: an RxJS subscriber is one. */
export interface RequestObserver {
  next(value: Reply | Chunk): void;
  error(error: unknown): void;
  /** All has come; of a stream, `wholeOf` gives all of it in one. */
  complete(wholeOf?: () => Reply): void;
}

/** Tells of an answer that is whole; in one call, since each enters the subscriber's async context. */
export function tellWhole(this: RequestObserver, reply: Reply): void {
  this.next(reply);
  this.complete();
}
