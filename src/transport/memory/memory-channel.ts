import type { Channel, Outgoing } from '../../contract/index.js';
import type { DeliveryQueue } from './delivery-queue.js';

/**
 * The client's end of a memory link: hands over the requests of a tick together, and only while it is writable.
 *
 * @internal
 */
export class MemoryChannel implements Channel {
  readonly #queue: DeliveryQueue;
  readonly #transmit: (line: string) => void;
  #outgoing: Outgoing[] = [];
  #isScheduled = false;
  #isOpen = true;
  isWritable = true;

  constructor(queue: DeliveryQueue, transmit: (line: string) => void) {
    this.#queue = queue;
    this.#transmit = transmit;
  }

  send(request: Outgoing): void {
    this.#outgoing.push(request);
    if (this.#isScheduled || !this.isWritable) return;
    this.#isScheduled = true;
    this.#queue.push(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  /** Commits what waits. What is given up by then writes nothing. */
  flush(): void {
    if (!this.isWritable || !this.#isOpen) return;
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    for (const request of outgoing) {
      const line = request.commit();
      if (line !== '') this.#queue.push(() => this.#transmit(line));
    }
  }

  /** The link is gone: nothing is committed any more. */
  close(): void {
    this.#isOpen = false;
    this.#outgoing = [];
  }
}
