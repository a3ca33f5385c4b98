import type { Frame } from '../../../../src/index.js';
import type { ManualClock, MemoryTransport } from '../../../../src/testing/index.js';
import type { Dice } from './dice.js';
import { isFence, numberOf } from './lines.js';
import type { Manner } from './manners.js';
import { type LinkOwner, PeerLink } from './peer-link.js';

/** More dials at one moment of the clock count as a loop. */
const MOST_DIALS_OF_A_MOMENT = 10_000;

/** A peer with one behaviour on the memory wire. Counts what reaches it. */
export class ModelPeer implements LinkOwner {
  readonly clock: ManualClock;
  readonly manner: Manner;
  readonly latencyMs: number;
  /** Probes of the fence. */
  probes = 0;
  connections = 0;
  /** Questions that came more than once. */
  readonly repeated: string[] = [];
  readonly #questions = new Set<number>();
  readonly #dice: Dice;
  readonly #links = new Set<PeerLink>();
  #stamps = 0;
  #momentMs = 0;
  #dialsOfMoment = 0;

  constructor(wire: MemoryTransport, clock: ManualClock, manner: Manner, latencyMs: number, dice: Dice) {
    this.clock = clock;
    this.manner = manner;
    this.latencyMs = latencyMs;
    this.#dice = dice;
    wire.listen('peer', (peer) => {
      this.connections += 1;
      this.#countDial(() => wire.hangs('peer'));
      const link = new PeerLink(peer, this, dice.fork());
      this.#links.add(link);
      void peer.closed.then(() => this.#links.delete(link));
    });
  }

  received(request: Frame): void {
    if (isFence(request)) this.probes += 1;
    if (typeof request.content !== 'string') return;
    const number = numberOf(request.content);
    if (this.#questions.has(number)) this.repeated.push(request.content);
    this.#questions.add(number);
  }

  knows(question: string): boolean {
    return this.#questions.has(numberOf(question));
  }

  /** Whether so many dials came at one moment that time would never advance. */
  get isFlooded(): boolean {
    return this.#dialsOfMoment > MOST_DIALS_OF_A_MOMENT;
  }

  timestamp(): number {
    this.#stamps += 1;
    return 1_764_000_000 + this.clock.now() / 1_000 + this.#stamps / 1_000_000;
  }

  /** Cuts one of its links at random, among those that may be cut. */
  cutOne(): void {
    const links = [...this.#links].filter(({ mayBeCut }) => mayBeCut);
    if (links.length > 0) this.#dice.pick(links).end(this.#dice.chance(0.5) ? 'close' : 'fail');
  }

  #countDial(stop: () => void): void {
    if (this.#momentMs !== this.clock.now()) this.#dialsOfMoment = 0;
    this.#momentMs = this.clock.now();
    this.#dialsOfMoment += 1;
    if (this.isFlooded) stop();
  }
}
