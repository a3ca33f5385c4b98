import { Observable } from 'rxjs';
import { type Channel, ChoragusError, type Transport } from '../../../src/index.js';
import { type ManualClock, type MemoryPeer, memoryTransport } from '../../../src/testing/index.js';

/** A dial that the test controls. */
export interface HeldDial {
  readonly name: string;
  /** Its start, on the clock. */
  readonly atMs: number;
  /** Continues it, to the present listener on the memory wire. */
  go(): void;
  /** Ends it, or its link, with a bug of the transport. */
  crash(): void;
  /** Ends the link, as after an unexpected frame of the peer. */
  outOfStep(): void;
  /** Reports the peer as not ready, as a wire with probes of its own can. */
  suspect(): void;
  isOpen: boolean;
  /** Called when the link is released. */
  onClosed: () => void;
}

/** The memory wire; the test holds each dial until it continues it, so `connecting` lasts as long as the test needs. */
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

  /** Returns the dials of this CI that are in progress or have become open links. */
  open(name: string): HeldDial[] {
    return this.dials.filter((dial) => dial.isOpen && dial.name === name);
  }

  /** Returns when the last dial of this CI began. */
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

/** Lets all microtasks run: they deliver what is under way on the memory wire. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
