import { Observable } from 'rxjs';
import { type Channel, ChoragusError, type Transport } from '../../../src/index.js';
import { type ManualClock, type MemoryPeer, memoryTransport } from '../../../src/testing/index.js';

/** A dial that the test holds in its hand. */
export interface HeldDial {
  readonly name: string;
  /** When it began, on the clock. */
  readonly atMs: number;
  /** Lets it go on, to whatever listens on the memory wire then. */
  go(): void;
  /** Ends it, or the link that it became, by a bug of the transport. */
  crash(): void;
  /** Ends the link as one does whose peer says what nobody asked for. */
  outOfStep(): void;
  /** Says that the peer is not ready, as a wire can that asks for more than bytes. */
  suspect(): void;
  isOpen: boolean;
  /** Called when the link is let go. */
  onClosed: () => void;
}

/** The memory wire, with each dial held until the test lets it go on: so that `connecting` lasts as long as it likes. */
export class HeldWire {
  /** All dials, in order. */
  readonly dials: HeldDial[] = [];
  readonly #wire: ReturnType<typeof memoryTransport>;
  readonly transport: Transport;

  constructor(clock: ManualClock) {
    this.#wire = memoryTransport({ clock });
    this.transport = {
      prepare: (target) => {
        const dial = this.#wire.prepare(target);
        return (sink) =>
          new Observable<Channel>((subscriber) => {
            const held: HeldDial = {
              name: target.ci,
              atMs: clock.now(),
              go: () => subscriber.add(dial(sink).subscribe(subscriber)),
              crash: () => subscriber.error(new TypeError('a bug in the transport')),
              outOfStep: () => subscriber.error(new ChoragusError('protocol_error', 'an answer that nobody asked for')),
              suspect: () => sink.suspect(),
              isOpen: true,
              onClosed: () => {},
            };
            this.dials.push(held);
            return () => {
              held.isOpen = false;
              held.onClosed();
            };
          });
      },
    };
  }

  /** Dials of this CI that are under way or became links that stand. */
  open(name: string): HeldDial[] {
    return this.dials.filter((dial) => dial.isOpen && dial.name === name);
  }

  /** When the last dial of this CI began. */
  lastDialMs(name: string): number | undefined {
    return this.dials.findLast((dial) => dial.name === name)?.atMs;
  }

  listen(name: string, onPeer: (peer: MemoryPeer) => void): () => void {
    return this.#wire.listen(name, onPeer);
  }

  hangs(name: string): void {
    this.#wire.hangs(name);
  }
}

/** Lets all microtasks run: what is under way on the memory wire is delivered by them. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
