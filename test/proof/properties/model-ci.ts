import type { ManualClock, MemoryPeer, MemoryTransport } from '../../../src/testing/index.js';
import type { PeerManner } from './acts.js';
import { ModelLink, type Plan } from './model-link.js';

/** A CI of the model: how its address answers dials, and its links. */
export class ModelCi {
  readonly #name: string;
  readonly #wire: MemoryTransport;
  readonly #clock: ManualClock;
  readonly #manners: readonly PeerManner[];
  readonly #planOf: (content: string) => Plan;
  readonly #canLose: boolean;
  readonly #links = new Map<MemoryPeer, ModelLink>();
  #accepted = 0;
  #outages = 0;
  #stop: () => void = () => {};

  constructor(
    name: string,
    wire: MemoryTransport,
    clock: ManualClock,
    manners: readonly PeerManner[],
    planOf: (content: string) => Plan,
    canLose: boolean,
  ) {
    this.#name = name;
    this.#wire = wire;
    this.#clock = clock;
    this.#manners = manners;
    this.#planOf = planOf;
    this.#canLose = canLose;
    this.#listen();
  }

  get links(): number {
    return this.#links.size;
  }

  /** Answers no dials, in one of three ways, for this time. A second outage replaces the first. */
  outage(kind: 'refuse' | 'hangDials' | 'hangUpOnDials', ms: number): void {
    this.#outages += 1;
    const number = this.#outages;
    this.#stop();
    if (kind === 'hangDials') this.#wire.hangs(this.#name);
    else if (kind === 'refuse') this.#wire.listen(this.#name, () => {})();
    else this.#stop = this.#wire.listen(this.#name, (peer) => peer.close());
    this.#clock.setTimeout(() => number === this.#outages && this.#listen(), ms, 'background');
  }

  stopReading(ms: number): void {
    for (const link of this.#links.values()) link.stopReading(ms);
  }

  breakLinks(how: 'reset' | 'end'): void {
    for (const link of this.#links.values()) link.end(how);
  }

  stray(type: 'chat_response' | 'pong' | 'stream_chunk'): void {
    for (const link of this.#links.values()) link.stray(type);
  }

  #listen(): void {
    this.#stop();
    this.#stop = this.#wire.listen(this.#name, (peer) => {
      const manner = this.#manners[this.#accepted % this.#manners.length] as PeerManner;
      this.#accepted += 1;
      this.#links.set(peer, new ModelLink(peer, manner, this.#clock, this.#planOf, this.#canLose));
      void peer.closed.then(() => this.#links.delete(peer));
    });
  }
}
