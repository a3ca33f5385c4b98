import type { Channel, Frame, Target, Transport } from '../../../src/contract/index.js';
import type { WireUser } from './wire-user.js';

/** The far end of a link, in the hands of the test. */
export interface WirePeer {
  /** The lines that came so far, without their ends. */
  readonly lines: readonly string[];
  /** Resolves once `count` lines have come. */
  received(count: number): Promise<readonly string[]>;
  /** Sends bytes as one packet. */
  send(raw: string | Buffer): void;
  /** Ends the link in order, after what was sent. */
  close(): void;
  /** Ends the link as a broken network does. */
  fail(): void;
  /** Takes no more in, until the channel is not writable. What it sends for that is not among the lines. */
  hold(channel: Channel): Promise<void>;
  release(): void;
  /** Settles when the link is gone, whoever ended it. */
  readonly closed: Promise<void>;
}

/** How peers speak. */
export interface Speech {
  /** What is said as this number on a link, from 0 on, as JSON. */
  json(number: number): string;
  /** The line that says this. */
  line(text: string): string;
  /** What that of this number is to the sink. */
  frame(number: number): Frame;
}

/** A transport, and somebody at its other end. Disposing waits until no link is left: one that leaks fails the test. */
export interface Wire extends AsyncDisposable {
  readonly transport: Transport;
  /** Whether a close in the middle of a frame can be told from another. Default: told. */
  readonly halves?: 'told' | 'unseen';
  /** Whether what a peer does wrong ends its link, or the request alone. Default: the link. */
  readonly failing?: 'link' | 'request';
  /** Default: each line is a frame. */
  readonly speech?: Speech;
  /** Where a peer speaks in answer alone: has it be asked, and begin to answer. */
  begin?(user: WireUser & { readonly peer: WirePeer }): Promise<void>;
  /** Where the peer is. */
  readonly address: Pick<Target, 'url' | 'tls'>;
  /** Where nobody is. */
  readonly deserted: Pick<Target, 'url' | 'tls'>;
  /** All peers so far, in the order of their coming. */
  readonly peers: readonly WirePeer[];
  /** Resolves with the peer of the link with this number, from 0 on. */
  peer(number: number): Promise<WirePeer>;
}

/** Lets tests wait for something that another part of the program makes true. */
export class Signal {
  #waiting: (() => void)[] = [];

  /** Something has changed. */
  notify(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves once `isTrue` says so; asked at each `notify`. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
