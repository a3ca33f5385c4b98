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
  /** Longest request line, in bytes. A longer line resets its connection. Default: 65,536. */
  readonly maxLineBytes: number;
  /** Most requests of one client in flight at once. At this limit the proxy stops reading from the client. Default: 64. */
  readonly maxPending: number;
  /**
   * Most bytes of answers that wait for one client: for earlier answers, or for the client to read. Beyond this limit the
   * proxy disconnects the client. Default: 33,554,432.
   */
  readonly maxUnreadBytes: number;
}

/**
 * Serves one client of one CI: sends its lines to the CI, and the CI's lines back, in order. If a request fails in Choragus, a client sees
 * what the CI would do: its connection closes.
 */
export class ProxiedClient {
  readonly #socket: net.Socket;
  readonly #ci: CarriedCi;
  readonly #limits: ClientLimits;
  readonly #writer: SocketWriter;
  readonly #answers: AnswerOrder;
  readonly #underWay = new Set<ClientRequest>();
  /** The ids of the requests in flight that clients match by id. */
  readonly #names = new Set<string>();
  #state: 'open' | 'draining' | 'gone' = 'open';

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
        // As a CI does. The answers to earlier requests come first.
        if (this.#state === 'open') this.#answers.open().fail('reset');
      },
      onPacketRead: () => this.#readOrPause(),
      onEnd: () => {
        probeHalfOpen(this.#socket);
        this.drain();
      },
    });
    this.#socket.once('close', () => this.#leave());
  }

  /** Reads no more requests. Closes the connection once all requests are answered. */
  drain(): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.#readOrPause();
    this.#endIfDone();
  }

  /** Fails all requests in flight, because the CI is down, and closes the connection. */
  refuse(error: ChoragusError): void {
    for (const request of [...this.#underWay]) request.failed(error);
    this.drain();
  }

  #take(line: string): void {
    // An earlier line of the same packet ended this client.
    if (this.#state !== 'open') return;
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

  /** Disconnects a client that reads too slowly, or that requests too much at once. */
  #bound(bytes: number): void {
    if (bytes > this.#limits.maxUnreadBytes) this.#socket.destroy();
  }

  /** Closes the connection for a failed request, once the answers before it are written. */
  #breakOff(how: Ending): void {
    if (this.#state === 'gone') return;
    this.#writer.flush();
    if (how === 'reset' && this.#socket.writableLength === 0) resetSocket(this.#socket);
    else closeSocket(this.#socket);
    this.#leave();
  }

  /** Closes the socket in both directions, so that a client that still writes gets an error. */
  #endIfDone(): void {
    if (this.#state !== 'draining' || this.#answers.size > 0) return;
    this.#writer.flush();
    closeSocket(this.#socket);
  }

  /** Abandons all requests in flight. */
  #leave(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    for (const request of [...this.#underWay]) request.giveUp();
    this.#underWay.clear();
    this.#socket.resume();
  }

  #readOrPause(): void {
    const isFull = this.#answers.size >= this.#limits.maxPending;
    // After its last request a client is still read: only so is its disconnect seen.
    if (this.#state === 'open' && (isFull || !this.#writer.isWritable)) this.#socket.pause();
    else this.#socket.resume();
  }
}
