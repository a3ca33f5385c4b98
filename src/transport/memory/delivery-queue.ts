/** Describes a clock that waits for deliveries before it moves on, such as `ManualClock`. */
export interface DeliveryClock {
  /** Registers a function that delivers everything in flight. */
  onIo(deliver: () => void): void;
}

/**
 * What is under way on a memory wire, in one order for all its links. Delivered by microtask, or earlier when the clock
 * asks for it.
 *
 * @internal
 */
export class DeliveryQueue {
  #tasks: (() => void)[] = [];
  #isScheduled = false;
  readonly #deliver = (): void => {
    this.#isScheduled = false;
    this.deliver();
  };

  push(task: () => void): void {
    this.#tasks.push(task);
    this.#schedule();
  }

  /** Delivers all, and what comes to it meanwhile. */
  deliver(): void {
    try {
      for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) task();
    } finally {
      // A task that throws is a fault of its owner; the others are delivered all the same.
      if (this.#tasks.length > 0) this.#schedule();
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(this.#deliver);
  }
}
