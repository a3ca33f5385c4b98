import type { Subscriber } from 'rxjs';
import type { Channel, ChannelSink, Target } from '../../contract/index.js';
import { ChoragusError, closedByPeer, connectionLost } from '../../errors/index.js';
import { isJsonObject } from '../../protocol/frame-codec.js';
import { handLine } from '../../protocol/hand-line.js';
import { LineDecoder } from '../../protocol/ndjson.js';
import type { DeliveryQueue } from './delivery-queue.js';
import { MemoryChannel } from './memory-channel.js';
import { type MemoryPeer, PeerEnd, type PeerLink } from './memory-peer.js';

/** The longest request that a CI's line reader accepts. As on TCP, a longer one resets the connection. */
const MAX_REQUEST_BYTES = 65_536;

/**
 * One link: a channel for the client and a peer for the test, with the same bytes, limits and errors as on TCP.
 *
 * @internal
 */
export class MemoryLink implements PeerLink {
  readonly name: string;
  readonly closed: Promise<void>;
  readonly #target: Target;
  readonly #queue: DeliveryQueue;
  readonly #sink: ChannelSink;
  readonly #subscriber: Subscriber<Channel>;
  readonly #channel: MemoryChannel;
  readonly #decoder: LineDecoder;
  readonly #peer: PeerEnd;
  readonly #onLine = (line: string): void => {
    if (!this.#subscriber.closed) handLine(this.#sink, line);
  };

  constructor(name: string, target: Target, queue: DeliveryQueue, sink: ChannelSink, subscriber: Subscriber<Channel>) {
    this.name = name;
    this.#target = target;
    this.#queue = queue;
    this.#sink = sink;
    this.#subscriber = subscriber;
    this.#decoder = new LineDecoder(target.maxReplyBytes);
    this.#channel = new MemoryChannel(
      queue,
      (line) => this.#receive(line),
      () => sink.drained(),
    );
    this.#peer = new PeerEnd(this);
    this.closed = new Promise((resolve) => {
      subscriber.add(() => {
        this.#channel.close();
        resolve();
      });
    });
  }

  /** Tells both ends that the dial succeeded. */
  open(onPeer: (peer: MemoryPeer) => void): void {
    this.#subscriber.next(this.#channel);
    onPeer(this.#peer);
  }

  deliver(bytes: Buffer): void {
    this.#queue.push(() => {
      if (this.#subscriber.closed) return;
      this.#sink.alive();
      this.#decode(() => this.#decoder.push(bytes, this.#onLine));
    });
  }

  lose(reason: 'failed' | 'closed', cause: unknown): void {
    this.#queue.push(() => {
      if (cause instanceof ChoragusError) return this.#subscriber.error(cause);
      const isCut =
        reason === 'failed'
          ? this.#decoder.hasPartialLine
          : this.#decoder.endWhole((line) => this.#decode(() => this.#onLine(line)));
      if (reason === 'closed' && !isCut && !this.#subscriber.closed) this.#sink.ended();
      const details = { ci: this.#target.ci, cause };
      const cut = isCut ? 'in the middle of a line' : undefined;
      this.#subscriber.error(
        reason === 'closed'
          ? closedByPeer(cut, details)
          : connectionLost(['the link failed', cut].join(' ').trim(), details),
      );
    });
  }

  setWritable(isWritable: boolean): void {
    if (this.#subscriber.closed || this.#channel.isWritable === isWritable) return;
    if (isWritable) this.#channel.drained();
    else this.#channel.isWritable = false;
  }

  #decode(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#subscriber.error(error instanceof ChoragusError ? error.with({ ci: this.#target.ci }) : error);
    }
  }

  #receive(line: string): void {
    if (this.#subscriber.closed) return;
    if (Buffer.byteLength(line) > MAX_REQUEST_BYTES) return this.lose('failed', undefined);
    let request: unknown;
    try {
      request = JSON.parse(line);
    } catch {
      return this.#peer.send({ type: 'error', error: 'Invalid JSON' });
    }
    if (isJsonObject(request)) this.#peer.receive(request);
    else this.lose('closed', undefined);
  }
}
