import { bytesOf, checkFunction, lineOf } from '../../checks/index.js';
import type { Frame } from '../../contract/index.js';
import { wrongArgument } from '../../errors/index.js';

/**
 * Gives a test the CI's end of a memory link. What it sends arrives in order, by microtask. Its methods throw a
 * ChoragusError, `invalid_config`, for a wrong argument.
 */
export interface MemoryPeer {
  /** The name that was dialled. */
  readonly name: string;
  /** Settles when the link is closed, by either end. */
  readonly closed: Promise<void>;
  /** Calls `fn` for each request, in order, also for those that came before. A new `fn` replaces the former. */
  onRequest(fn: (request: Frame) => void): void;
  /** Sends a frame, or a text as one line, valid or not. */
  send(frame: Frame | string): void;
  /** Sends a text unchanged, as one packet: a part of a line, or several lines. */
  sendRaw(text: string | Buffer): void;
  /** Ends the link as a broken network does: with `connection_lost`, or with the `ChoragusError` given. */
  fail(cause?: unknown): void;
  /** Ends the link in order. */
  close(): void;
  /** Lets the client write, or blocks it as a full socket buffer does. */
  setWritable(isWritable: boolean): void;
}

/** What a peer needs of its link. */
export interface PeerLink {
  readonly name: string;
  readonly closed: Promise<void>;
  deliver(bytes: Buffer): void;
  lose(reason: 'failed' | 'closed', cause: unknown): void;
  setWritable(isWritable: boolean): void;
}

/**
 * Keeps requests until `onRequest` is called.
 *
 * @internal
 */
export class PeerEnd implements MemoryPeer {
  readonly #link: PeerLink;
  readonly #early: Frame[] = [];
  #onRequest: ((request: Frame) => void) | undefined;

  constructor(link: PeerLink) {
    this.#link = link;
  }

  get name(): string {
    return this.#link.name;
  }

  get closed(): Promise<void> {
    return this.#link.closed;
  }

  /** Receives a request. */
  receive(request: Frame): void {
    if (this.#onRequest === undefined) this.#early.push(request);
    else this.#onRequest(request);
  }

  onRequest(fn: (request: Frame) => void): void {
    checkFunction('onRequest', 'fn', fn);
    this.#onRequest = fn;
    for (const request of this.#early.splice(0)) fn(request);
  }

  send(frame: Frame | string): void {
    this.sendRaw(`${lineOf('send', 'frame', frame)}\n`);
  }

  sendRaw(text: string | Buffer): void {
    this.#link.deliver(bytesOf('sendRaw', 'text', text));
  }

  fail(cause?: unknown): void {
    this.#link.lose('failed', cause);
  }

  close(): void {
    this.#link.lose('closed', undefined);
  }

  setWritable(isWritable: boolean): void {
    if (typeof isWritable !== 'boolean') throw wrongArgument('setWritable', 'isWritable', isWritable, 'true or false');
    this.#link.setWritable(isWritable);
  }
}
