import type { Outgoing } from '../../contract/index.js';
import { BatchedChannel } from '../socket/batched-channel.js';
import type { DeliveryQueue } from './delivery-queue.js';

/**
 * Sends the requests of one tick together, and only while the link is writable: the client's end of a memory link.
 *
 * @internal
 */
export class MemoryChannel extends BatchedChannel {
  readonly #queue: DeliveryQueue;
  readonly #transmit: (line: string) => void;

  constructor(queue: DeliveryQueue, transmit: (line: string) => void, onDrained: () => void) {
    super(onDrained, (flush) => queue.push(flush));
    this.#queue = queue;
    this.#transmit = transmit;
  }

  protected write(batch: readonly Outgoing[]): number {
    for (const request of batch) {
      const line = request.commit();
      if (line !== '') this.#queue.push(() => this.#transmit(line));
    }
    return batch.length;
  }
}
