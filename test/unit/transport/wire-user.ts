import type { Subscription } from 'rxjs';
import type { Channel, ChannelSink, Frame, Outgoing } from '../../../src/contract/index.js';
import { Signal, type Wire, type WirePeer } from './wire.js';

/** The events of a link, in order: `up`, `alive`, `drained`, `suspect`, `complete`, frames, and the error that ended it. */
export type Entry = 'up' | 'alive' | 'drained' | 'suspect' | 'complete' | Frame | Error;

/** A user of a wire that dials, as a connection does, and records all events. */
export class WireUser implements ChannelSink, Disposable {
  readonly log: Entry[] = [];
  readonly link: Subscription;
  channel: Channel | undefined;
  onFrame: (frame: Frame) => void = () => {};
  /** Number of sockets that opened and closed under the link. */
  sockets = 0;
  closedSockets = 0;
  readonly #signal = new Signal();

  constructor(wire: Pick<Wire, 'transport' | 'address'>, maxReplyBytes = 1_000) {
    const dial = wire.transport.prepare({ ci: 'apollo', ...wire.address, maxReplyBytes });
    this.link = dial(this).subscribe({
      next: (channel) => {
        this.channel = channel;
        this.#note('up');
      },
      error: (error: Error) => this.#note(error),
      complete: () => this.#note('complete'),
    });
  }

  /** The log without the signs of life, whose number depends on the network; after an error, without later `drained` events. */
  get told(): Entry[] {
    const failed = this.log.findIndex((entry) => entry instanceof Error);
    const isRoom = (entry: Entry, index: number) => entry === 'drained' && failed !== -1 && index > failed;
    return this.log.filter((entry, index) => entry !== 'alive' && !isRoom(entry, index));
  }

  get frames(): Entry[] {
    return this.told.filter((entry) => typeof entry === 'object' && !(entry instanceof Error));
  }

  get error(): Error | undefined {
    return this.log.find((entry) => entry instanceof Error);
  }

  /** Resolves once the log meets a condition. */
  until(isTrue: () => boolean): Promise<void> {
    return this.#signal.until(isTrue);
  }

  async ended(): Promise<Error> {
    await this.until(() => this.error !== undefined);
    return this.error as Error;
  }

  /** Sends texts to the channel, in one tick. */
  send(...lines: readonly string[]): void {
    for (const line of lines) this.give({ commit: () => line });
  }

  give(request: Outgoing): void {
    this.channel?.send(request);
  }

  /** Lets the peer send pieces, each after the one before has arrived: the network cannot join them. */
  async take(peer: WirePeer, pieces: Iterable<Buffer>): Promise<void> {
    let count = this.#packets;
    for (const piece of pieces) {
      peer.send(piece);
      count += 1;
      await this.until(() => this.#packets >= count);
    }
  }

  alive(): void {
    this.#note('alive');
  }

  frame(frame: Frame): void {
    this.#note(frame);
    this.onFrame(frame);
  }

  drained(): void {
    this.#note('drained');
  }

  suspect(): void {
    this.#note('suspect');
  }

  requestFailed(_id: unknown, error: Error): void {
    this.#note(error);
  }

  socketOpened(): void {
    this.sockets += 1;
  }

  socketClosed(): void {
    this.closedSockets += 1;
  }

  [Symbol.dispose](): void {
    this.link.unsubscribe();
  }

  get #packets(): number {
    return this.log.filter((entry) => entry === 'alive').length;
  }

  #note(entry: Entry): void {
    this.log.push(entry);
    this.#signal.notify();
  }
}

/** Makes a user whose link is up. */
export type LinkedUser = WireUser & { readonly channel: Channel; readonly peer: WirePeer };

/** Dials, and resolves once both ends are up. */
export async function linked(wire: Wire, maxReplyBytes?: number): Promise<LinkedUser> {
  const number = wire.peers.length;
  const user = new WireUser(wire, maxReplyBytes);
  await user.until(() => user.log.length > 0);
  return Object.assign(user, { peer: await wire.peer(number) }) as LinkedUser;
}

/** Dials, and resolves once the peer may send. The log leaves out what that took. */
export async function talking(wire: Wire, maxReplyBytes?: number): Promise<LinkedUser> {
  const user = await linked(wire, maxReplyBytes);
  if (wire.begin !== undefined) {
    await wire.begin(user);
    user.log.splice(0, user.log.length, 'up');
  }
  return user;
}

/** Lets everything under way arrive: an event that must not come would have come by then. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
