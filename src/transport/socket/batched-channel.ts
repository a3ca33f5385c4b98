import type { Channel, Outgoing } from '../../contract/index.js';

/**
 * A socket with more unwritten bytes counts as full. Node's default of 16 KiB is less than one tick of 256 requests.
 */
export const WRITABLE_BYTES = 262_144;

/**
 * Writes the requests of one tick together. While the wire is full, requests wait here unwritten and can still be
 * withdrawn.
 */
export abstract class BatchedChannel implements Channel {
  readonly #onDrained: () => void;
  readonly #schedule: (flush: () => void) => void;
  #outgoing: Outgoing[] = [];
  #isScheduled = false;
  #isClosed = false;
  isWritable = true;
  readonly #flushLater = (): void => {
    this.#isScheduled = false;
    this.#flush();
  };

  /**
   * @param onDrained - Called when the channel takes requests again.
   * @param schedule - Runs the flush at the end of the tick.
   */
  constructor(onDrained: () => void, schedule: (flush: () => void) => void = process.nextTick) {
    this.#onDrained = onDrained;
    this.#schedule = schedule;
  }

  /** Writes a batch, and sets `isWritable`. Returns how many requests it took; the others wait for the next batch. */
  protected abstract write(batch: readonly Outgoing[]): number;

  send(request: Outgoing): void {
    this.#outgoing.push(request);
    if (this.#isScheduled || !this.isWritable) return;
    this.#isScheduled = true;
    this.#schedule(this.#flushLater);
  }

  /** Writes the waiting requests after the wire has drained. */
  drained(): void {
    this.isWritable = true;
    this.#flush();
    if (this.isWritable) this.#onDrained();
  }

  /** Drops the waiting requests, and writes nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.#outgoing = [];
  }

  #flush(): void {
    const batch = this.#outgoing;
    if (!this.isWritable || this.#isClosed || batch.length === 0) return;
    this.#outgoing = [];
    const written = this.write(batch);
    if (written < batch.length) this.#outgoing = [...batch.slice(written), ...this.#outgoing];
  }
}

/** The time in which an end arrives that a peer sent right behind an answer, in ms. */
const BEHIND_MS = 2;

/** Calls `then` when an end that the peer sent right behind the last answer would have arrived. */
export function afterItsEnd(then: () => void): void {
  // Bytes that are unread when the time is over are read first.
  setTimeout(() => setImmediate(then), BEHIND_MS).unref();
}
