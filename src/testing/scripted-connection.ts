import type net from 'node:net';
import * as v from 'valibot';
import { bytesOf, check, isPlainObject, lineOf, listOf, wholeNumber } from '../checks/index.js';
import type { Frame } from '../contract/index.js';
import { wrongArgument } from '../errors/index.js';
import { resetSocket } from '../node/close-socket.js';
import { LineDecoder } from '../protocol/ndjson.js';
import { replyTypeOf } from '../server/answers.js';
import { type EchoOptions, readEcho } from './echo-options.js';
import { Outbox } from './outbox.js';
import { OwnProbes } from './own-probes.js';

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

/**
 * Gives a test one request of a scripted CI, and the means to answer it correctly, wrongly, or more than once. Its
 * methods throw a ChoragusError, `invalid_config`, for a wrong argument.
 */
export class ScriptedRequest {
  /** The request as parsed; empty if the line was no JSON object. */
  readonly message: Frame;
  /** The line as it came, without its end. */
  readonly line: string;
  /** The connection that it came on. */
  readonly connection: ScriptedConnection;
  readonly #aiId: string;
  /** It was answered: a pool's probe behind it may be. */
  readonly #settled: () => void;
  #chunks = 0;

  /** @internal */
  constructor(line: string, connection: ScriptedConnection, aiId: string, settled: () => void) {
    this.line = line;
    this.message = parse(line);
    this.connection = connection;
    this.#aiId = aiId;
    this.#settled = settled;
  }

  /** Answers: with a text, in a reply of the type that fits the request; or with a frame, unchanged. */
  reply(answer: string | Frame, options?: EchoOptions): void {
    const head = { type: replyTypeOf(this.message.type), ai_id: this.#aiId };
    this.#send('reply', typeof answer === 'string' ? { ...head, content: answer } : answer, options);
    this.#settled();
  }

  /** Sends a text unchanged, without a line end. */
  replyText(raw: string): void {
    this.connection.send(raw);
    this.#settled();
  }

  /** Sends the next piece of a stream and counts `chunk_index`. */
  chunk(content: string, options?: EchoOptions): void {
    checkText('chunk', 'content', content);
    this.#send('chunk', { type: 'stream_chunk', content, chunk_index: this.#chunks }, options);
    this.#chunks += 1;
    // A stream that has begun is told from all else by its id.
    this.#settled();
  }

  /** Ends a stream. */
  end(options?: EchoOptions): void {
    this.#send('end', { type: 'stream_end', metadata: {} }, options);
    this.#settled();
  }

  /** Fails a stream. */
  streamError(message: string, options?: EchoOptions): void {
    checkText('streamError', 'message', message);
    this.#send('streamError', { type: 'stream_error', error: message }, options);
    this.#settled();
  }

  /** Answers with an error. */
  error(message: string, options?: EchoOptions): void {
    checkText('error', 'message', message);
    this.#send('error', { type: 'error', ai_id: this.#aiId, error: message }, options);
    this.#settled();
  }

  #send(of: string, frame: Frame, options: EchoOptions | undefined): void {
    const id = readEcho(of, options) ? this.message.request_id : undefined;
    const echoed = id === undefined || !isFrame(frame) ? frame : { request_id: id, ...frame };
    this.connection.send(`${lineOf(of, 'answer', echoed)}\n`);
  }
}

function checkText(of: string, argument: string, text: unknown): void {
  if (typeof text !== 'string') throw wrongArgument(of, argument, text, 'a string');
}

/** Anything else is refused as it is. */
function isFrame(frame: unknown): boolean {
  try {
    return isPlainObject(frame);
  } catch {
    // A proxy.
    return false;
  }
}

function parse(line: string): Frame {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Frame) : {};
  } catch {
    return {};
  }
}
