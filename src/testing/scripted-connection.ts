import type net from 'node:net';
import * as v from 'valibot';
import { bytesOf, check, listOf, wholeNumber } from '../checks/index.js';
import { resetSocket } from '../node/close-socket.js';
import { LineDecoder } from '../protocol/ndjson.js';
import { Outbox } from './outbox.js';
import { OwnProbes } from './own-probes.js';
import { ScriptedRequest } from './scripted-request.js';

const size = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const pieceSizes = v.union([size, listOf(size, 'a list')], 'a whole number from 1, or a list of these');

/** Gives a test one client's connection to a scripted CI, open or closed. */
export class ScriptedConnection {
  /** The requests that arrived on it so far. */
  readonly requests: ScriptedRequest[] = [];
  /** Settles when the socket is closed, by either end. */
  readonly closed: Promise<void>;
  readonly #socket: net.Socket;
  readonly #outbox: Outbox;
  readonly #onLine: (line: string) => void;
  readonly #probes: OwnProbes;
  /** What was read before `pause()` and not looked at. */
  readonly #heldLines: string[] = [];
  #isPaused = false;

  /** @internal */
  constructor(
    socket: net.Socket,
    aiId: string,
    probes: 'answered' | 'scripted',
    onRequest: (request: ScriptedRequest) => void,
  ) {
    this.#socket = socket;
    // A client that ends its side has left: what a test wants beyond that, it scripts.
    socket.allowHalfOpen = false;
    this.#outbox = new Outbox(socket);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    this.#probes = new OwnProbes(aiId, (line) => this.#outbox.send(Buffer.from(line)));
    this.#onLine = (line) => {
      if (probes === 'answered' && this.#probes.take(line)) return;
      const request: ScriptedRequest = new ScriptedRequest(line, this, aiId, () => this.#probes.settle(request));
      this.requests.push(request);
      this.#probes.add(request);
      onRequest(request);
    };
    // Without a limit: whether a request was too long is for the test to say.
    const decoder = new LineDecoder(Number.MAX_SAFE_INTEGER);
    socket.on('data', (bytes: Buffer) => decoder.push(bytes, (line) => this.#take(line)));
  }

  /** True until the socket is closed. */
  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** Sends bytes unchanged. Bytes sent during a `sendSplit` follow it. */
  send(raw: string | Buffer): void {
    this.#outbox.send(bytesOf('send', 'raw', raw));
  }

  /**
   * Sends bytes in pieces, each written in its own turn of the event loop: pieces of `sizes` bytes, or of the sizes
   * listed and the rest as one. Settles a turn after the last piece, or when the connection is closed.
   *
   * @throws ChoragusError `invalid_config` for a size that is no whole number from 1.
   */
  sendSplit(raw: string | Buffer, sizes: number | readonly number[]): Promise<void> {
    return this.#sendSplit('sendSplit', raw, check(pieceSizes, sizes, { of: 'sendSplit', argument: 'sizes' }));
  }

  /** Sends one byte in each turn of the event loop. */
  sendSlowly(raw: string | Buffer): Promise<void> {
    return this.#sendSplit('sendSlowly', raw, 1);
  }

  /** Ends the connection in order (FIN), after everything that was sent. */
  close(): void {
    this.#outbox.end();
  }

  /** Resets the connection at once (RST). TLS and unix sockets, which have no reset, are destroyed. */
  reset(): void {
    resetSocket(this.#socket);
  }

  /**
   * Freezes this end: the socket stays open, but nothing more is read or sent. It does not notice that the client
   * leaves.
   */
  pause(): void {
    this.#isPaused = true;
    this.#outbox.hold();
    this.#socket.pause();
  }

  /** Ends `pause()`: handles what arrived, and sends what was sent meanwhile. */
  resume(): void {
    this.#isPaused = false;
    this.#outbox.release();
    while (!this.#isPaused && this.#heldLines.length > 0) this.#onLine(this.#heldLines.shift() as string);
    if (!this.#isPaused) this.#socket.resume();
  }

  #sendSplit(of: string, raw: string | Buffer, sizes: number | readonly number[]): Promise<void> {
    return this.#outbox.sendPieces(piecesOf(bytesOf(of, 'raw', raw), sizes));
  }

  #take(line: string): void {
    if (this.#isPaused) this.#heldLines.push(line);
    else this.#onLine(line);
  }
}

function* piecesOf(bytes: Buffer, sizes: number | readonly number[]): Generator<Buffer, void> {
  let start = 0;
  for (let index = 0; start < bytes.length; index += 1) {
    const size = typeof sizes === 'number' ? sizes : (sizes[index] ?? bytes.length);
    yield bytes.subarray(start, start + size);
    start += size;
  }
}
