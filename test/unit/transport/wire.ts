import type { Channel, Frame, Target, Transport } from '../../../src/contract/index.js';
import type { WireUser } from './wire-user.js';

/** The far end of a link, controlled by the test. */
export interface WirePeer {
  /** The lines received so far, without their ends. */
  readonly lines: readonly string[];
  /** Resolves once `count` lines have arrived. */
  received(count: number): Promise<readonly string[]>;
  /** Sends bytes as one packet. */
  send(raw: string | Buffer): void;
  /** Closes the link cleanly, after the bytes already sent. */
  close(): void;
  /** Breaks the link, as a failing network does. */
  fail(): void;
  /** Stops reading, and waits until the channel is not writable. `lines` leaves out what this takes. */
  hold(channel: Channel): Promise<void>;
  release(): void;
  /** Settles when the link is gone, whichever side ended it. */
  readonly closed: Promise<void>;
}

/** How the peers of a wire encode frames. */
export interface Speech {
  /** Returns the frame with this number on a link, from 0 on, as JSON. */
  json(number: number): string;
  /** Returns the line for this frame. */
  line(text: string): string;
  /** Returns what the sink receives for the frame with this number. */
  frame(number: number): Frame;
}

/** A transport, and peers at its other end. Disposing waits until no link is left, so a leak fails the test. */
export interface Wire extends AsyncDisposable {
  readonly transport: Transport;
  /** Whether the sink sees that a close came in the middle of a frame. Default: true. */
  readonly halves?: 'told' | 'unseen';
  /** Whether a fault of the peer ends its link, or only the request. Default: the link. */
  readonly failing?: 'link' | 'request';
  /** Default: each line is a frame. */
  readonly speech?: Speech;
  /** For wires on which a peer only answers: sends a request, and begins the answer. */
  begin?(user: WireUser & { readonly peer: WirePeer }): Promise<void>;
  /** The address of the peer. */
  readonly address: Pick<Target, 'url' | 'tls'>;
  /** An address without a listener. */
  readonly deserted: Pick<Target, 'url' | 'tls'>;
  /** All peers so far, oldest first. */
  readonly peers: readonly WirePeer[];
  /** Resolves with the peer of the link with this number, from 0 on. */
  peer(number: number): Promise<WirePeer>;
}

/** Lets tests wait for a condition that another part of the program fulfils. */
export class Signal {
  #waiting: (() => void)[] = [];

  /** Reports a change. */
  notify(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves once `isTrue` returns true; it is called at each `notify`. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
