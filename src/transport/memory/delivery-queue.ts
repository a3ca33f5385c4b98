/** Describes a clock that waits for deliveries before it moves on, such as `ManualClock`. */
export interface DeliveryClock {
  /** Registers a function that delivers everything in flight. */
  onIo(deliver: () => void): void;
}

/**
 * Delivers everything that is in flight on a memory wire, in one order for all its links: by microtask, or earlier if
 * the clock asks for it.
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

  /** Delivers all tasks, and those that are added meanwhile. */
  deliver(): void {
    try {
      for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) task();
    } finally {
      // An exception of one task must not stop the others.
      if (this.#tasks.length > 0) this.#schedule();
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(this.#deliver);
  }
}
