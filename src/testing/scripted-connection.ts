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

/** Gives a test control over one client's connection to a scripted CI. */
export class ScriptedConnection {
  /** The requests that have arrived on it. */
  readonly requests: ScriptedRequest[] = [];
  /** Settles when either end has closed the socket. */
  readonly closed: Promise<void>;
  readonly #socket: net.Socket;
  readonly #outbox: Outbox;
  readonly #onLine: (line: string) => void;
  readonly #probes: OwnProbes;
  /** Lines that arrive while the connection is paused. */
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
    // A client that ends its sending side counts as gone.
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
    // No limit: the test decides whether a request is too long.
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
   * Sends bytes in pieces, each in its own turn of the event loop. `sizes` is the size of every piece, or a list of sizes:
   * then the rest is the last piece. Settles one turn after the last piece, or when the connection closes.
   *
   * @throws ChoragusError `invalid_config` for a size that is not a whole number from 1.
   */
  sendSplit(raw: string | Buffer, sizes: number | readonly number[]): Promise<void> {
    return this.#sendSplit('sendSplit', raw, check(pieceSizes, sizes, { of: 'sendSplit', argument: 'sizes' }));
  }

  /** Sends one byte in each turn of the event loop. */
  sendSlowly(raw: string | Buffer): Promise<void> {
    return this.#sendSplit('sendSlowly', raw, 1);
  }

  /** Ends the connection (FIN) after everything that was sent. */
  close(): void {
    this.#outbox.end();
  }

  /** Resets the connection at once (RST). Destroys TLS and unix sockets, because they have no reset. */
  reset(): void {
    resetSocket(this.#socket);
  }

  /**
   * Freezes this end: the socket stays open, but nothing is read or sent. A paused connection does not notice that the
   * client leaves.
   */
  pause(): void {
    this.#isPaused = true;
    this.#outbox.hold();
    this.#socket.pause();
  }

  /** Ends `pause()`: handles the lines that arrived, and sends the bytes that were held. */
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
 * Gives a test one request of a scripted CI. The test can answer it correctly, wrongly, or more than once. The methods
 * throw a ChoragusError, `invalid_config`, for a wrong argument.
 */
export class ScriptedRequest {
  /** The parsed request; empty if the line is not a JSON object. */
  readonly message: Frame;
  /** The line as it arrived, without its line end. */
  readonly line: string;
  /** The connection of the request. */
  readonly connection: ScriptedConnection;
  readonly #aiId: string;
  /** Called when the request is answered: then a pool's probe behind it can be answered, too. */
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

  /** Answers with a text, in a reply of the type that fits the request, or with a frame, unchanged. */
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

  /** Sends the next piece of a stream, and counts `chunk_index`. */
  chunk(content: string, options?: EchoOptions): void {
    checkText('chunk', 'content', content);
    this.#send('chunk', { type: 'stream_chunk', content, chunk_index: this.#chunks }, options);
    this.#chunks += 1;
    // Its id identifies a stream that has begun, so probes need not wait for its end.
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

/** Returns true for a plain object. `lineOf` refuses any other value. */
function isFrame(frame: unknown): boolean {
  try {
    return isPlainObject(frame);
  } catch {
    // A JavaScript Proxy that throws.
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
