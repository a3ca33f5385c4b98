import type net from 'node:net';
import type { CarriedCi } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';
import { closeSocket, resetSocket } from '../node/close-socket.js';
import { isName } from '../protocol/raw-line.js';
import { probeHalfOpen } from '../server/kept-alive.js';
import { readLines } from '../server/read-lines.js';
import { SocketWriter } from '../server/socket-writer.js';
import { AnswerOrder, type Ending } from './answer-order.js';
import { readClientLine } from './client-line.js';
import { ClientRequest } from './client-request.js';

/** Limits what one client may use. */
export interface ClientLimits {
  /** Longest request line, in bytes. */
  readonly maxLineBytes: number;
  /** Requests of one client in flight at once; beyond, no more are read. */
  readonly maxPending: number;
  /**
   * Answers that wait for one client, in bytes: for those before them, or for the client to read. Beyond, it is
   * disconnected.
   */
  readonly maxUnreadBytes: number;
}

/**
 * One client of one CI: its lines go to the CI, and the CI's lines come back, in order. It sees no word of ours: where we fail, its
 * connection closes, as the CI's would have.
 */
export class ProxiedClient {
  readonly #socket: net.Socket;
  readonly #ci: CarriedCi;
  readonly #limits: ClientLimits;
  readonly #writer: SocketWriter;
  readonly #answers: AnswerOrder;
  readonly #underWay = new Set<ClientRequest>();
  /** The ids of the requests under way that name their answers. */
  readonly #names = new Set<string>();
  #state: 'asking' | 'has asked' | 'gone' = 'asking';

  constructor(socket: net.Socket, ci: CarriedCi, limits: ClientLimits) {
    this.#socket = socket;
    this.#ci = ci;
    this.#limits = limits;
    this.#writer = new SocketWriter(socket, () => this.#readOrPause());
    this.#answers = new AnswerOrder(
      (line) => this.#say(line),
      (characters) => this.#bound(characters),
      (how) => this.#breakOff(how),
    );
  }

  start(): void {
    readLines(this.#socket, this.#limits.maxLineBytes, {
      onLine: (line) => this.#take(line),
      onTooLong: () => {
        // As a CI's line reader does. The answers before it come first.
        if (this.#state === 'asking') this.#answers.open().fail('reset');
      },
      onPacketRead: () => this.#readOrPause(),
      onEnd: () => {
        probeHalfOpen(this.#socket);
        this.drain();
      },
    });
    this.#socket.once('close', () => this.#leave());
  }

  /** Takes no more requests; ends once those that it has are answered. */
  drain(): void {
    if (this.#state !== 'asking') return;
    this.#state = 'has asked';
    this.#readOrPause();
    this.#endIfDone();
  }

  /** The CI is down: what is under way fails, and there is nothing to wait for. */
  refuse(error: ChoragusError): void {
    for (const request of [...this.#underWay]) request.failed(error);
    this.drain();
  }

  #take(line: string): void {
    // The last lines of a packet whose first one made the client leave.
    if (this.#state !== 'asking') return;
    const asked = readClientLine(line);
    const name = isName(asked.id) && !this.#names.has(asked.id) ? asked.id : undefined;
    if (name !== undefined) this.#names.add(name);
    const request = new ClientRequest(asked, name, this.#answers.open(), (over) => this.#over(over));
    this.#underWay.add(request);
    request.send(this.#ci);
  }

  #over(request: ClientRequest): void {
    this.#underWay.delete(request);
    if (request.name !== undefined) this.#names.delete(request.name);
    this.#endIfDone();
    this.#readOrPause();
  }

  #say(line: string): void {
    if (this.#state === 'gone') return;
    this.#writer.writeLine(line);
    this.#bound(this.#socket.writableLength);
  }

  /** What waits for a client is bounded: one that reads too slowly, or asks for too much at once, is cut off. */
  #bound(bytes: number): void {
    if (bytes > this.#limits.maxUnreadBytes) this.#socket.destroy();
  }

  /** A request failed, and its turn has come. */
  #breakOff(how: Ending): void {
    if (this.#state === 'gone') return;
    this.#writer.flush();
    if (how === 'reset' && this.#socket.writableLength === 0) resetSocket(this.#socket);
    else closeSocket(this.#socket);
    this.#leave();
  }

  /** Closes it for good: whoever goes on writing is to be told that nobody reads. */
  #endIfDone(): void {
    if (this.#state !== 'has asked' || this.#answers.size > 0) return;
    this.#writer.flush();
    closeSocket(this.#socket);
  }

  /** What is under way is given up: nobody waits for it. */
  #leave(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    for (const request of [...this.#underWay]) request.giveUp();
    this.#underWay.clear();
    this.#socket.resume();
  }

  #readOrPause(): void {
    const isFull = this.#answers.size >= this.#limits.maxPending;
    // One that has asked all is read to its end, or its leaving would not be noticed.
    if (this.#state === 'asking' && (isFull || !this.#writer.isWritable)) this.#socket.pause();
    else this.#socket.resume();
  }
}
