import type { Duplex } from 'node:stream';
import type { Frame } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { LineDecoder } from '../protocol/ndjson.js';
import { ServedRequest } from './ci-request.js';
import { type Exchange, exchange, isConcurrent } from './exchange.js';
import type { CiService } from './options.js';
import { resetSocket } from './reset-socket.js';
import { SocketWriter } from './socket-writer.js';

/** Requests of one connection that may be under way or wait; beyond, no more are read. */
const MAX_PENDING = 1_024;

/**
 * Serves one client until it leaves.
 *
 * @internal
 */
export function serveConnection(socket: Duplex, service: CiService): void {
  new ServedConnection(socket, service).start();
}

class ServedConnection {
  readonly #socket: Duplex;
  readonly #service: CiService;
  readonly #writer: SocketWriter;
  readonly #underWay = new Set<Exchange>();
  /** Of a FIFO server: the lines that wait for their turn. */
  readonly #lines: string[] = [];
  #turn: 'free' | 'taken' = 'free';
  #isPumping = false;
  #hasLeft = false;

  constructor(socket: Duplex, service: CiService) {
    this.#socket = socket;
    this.#service = service;
    this.#writer = new SocketWriter(socket, () => this.#readOrPause());
  }

  start(): void {
    const decoder = new LineDecoder(this.#service.maxLineBytes);
    const onLine = (line: string): void => this.#take(line);
    this.#socket.on('data', (bytes: Buffer) => {
      try {
        decoder.push(bytes, onLine);
      } catch (error) {
        if (!(error instanceof ChoragusError)) throw error;
        // As the specialists' line reader does with a line that it cannot hold.
        resetSocket(this.#socket);
      }
      this.#readOrPause();
    });
    // A client that has said its last word cannot be told from one that is gone until something is written to it.
    this.#socket.once('end', () => this.#leave());
    this.#socket.once('close', () => this.#leave());
  }

  #take(line: string): void {
    this.#lines.push(line);
    this.#pump();
  }

  #pump(): void {
    // An answer that comes at once ends within this loop; going on from there would recurse once for each line.
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#turn === 'free' && this.#lines.length > 0) this.#answer(this.#lines.shift() as string);
    this.#isPumping = false;
  }

  #answer(line: string): void {
    const raw = this.#hasLeft ? undefined : this.#parse(line);
    if (raw === undefined) return;
    const request = new ServedRequest(raw);
    if (!isConcurrent(request, this.#service)) this.#turn = 'taken';
    const answer = exchange(request, this.#service, this.#writer);
    this.#underWay.add(answer);
    answer.onEnd(() => this.#ended(answer, request));
  }

  /** The request; `undefined` when the line was none, and has been dealt with. */
  #parse(line: string): Frame | undefined {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      this.#writer.write({ type: 'error', error: 'Invalid JSON' });
      return undefined;
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Frame;
    this.#leave();
    this.#writer.flush();
    this.#socket.destroy();
    return undefined;
  }

  #ended(answer: Exchange, request: ServedRequest): void {
    this.#underWay.delete(answer);
    if (!isConcurrent(request, this.#service)) this.#turn = 'free';
    this.#pump();
    this.#readOrPause();
  }

  #leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#lines.length = 0;
    for (const answer of this.#underWay) answer.cancel();
  }

  /** What a client may have outstanding is bounded, and one that reads no replies has no more requests read. */
  #readOrPause(): void {
    const isFull = this.#underWay.size + this.#lines.length >= MAX_PENDING;
    if (!this.#hasLeft && (isFull || !this.#writer.isWritable)) this.#socket.pause();
    else this.#socket.resume();
  }
}
