import type { Duplex } from 'node:stream';
import { resetSocket } from '../node/close-socket.js';
import { isName, lineWithId } from '../protocol/raw-line.js';
import { answerRequest, type RunningAnswer } from './answer-request.js';
import { isStream, ServedRequest } from './ci-request.js';
import { probeHalfOpen } from './kept-alive.js';
import type { CiService } from './options.js';
import { readLines } from './read-lines.js';
import { type ReceivedLine, readReceivedLine } from './received-line.js';
import { SocketWriter } from './socket-writer.js';

/** Most requests of one connection that are answered or wait. At this limit the server stops reading. */
const MAX_PENDING = 1_024;

/**
 * Serves one client until it leaves.
 *
 * @internal
 */
export function serveConnection(socket: Duplex, service: CiService): void {
  new ServedConnection(socket, service).start();
}

/**
 * Serves one client. Answers requests with a unique id concurrently. Answers all others one after the other, in the order of their arrival:
 * the client can match those answers only by order.
 */
class ServedConnection {
  readonly #socket: Duplex;
  readonly #service: CiService;
  readonly #writer: SocketWriter;
  readonly #underWay = new Set<RunningAnswer>();
  /** The ids of the requests that are answered concurrently. */
  readonly #names = new Set<string>();
  /** Requests that wait for the answers before them. */
  readonly #inOrder: ReceivedLine[] = [];
  #turn: 'free' | 'taken' = 'free';
  #isPumping = false;
  #state: 'open' | 'half closed' | 'gone' = 'open';

  constructor(socket: Duplex, service: CiService) {
    this.#socket = socket;
    this.#service = service;
    this.#writer = new SocketWriter(socket, () => this.#readOrPause());
  }

  start(): void {
    readLines(this.#socket, this.#service.maxLineBytes, {
      onLine: (line) => this.#take(line),
      // As the line reader of the specialists does.
      onTooLong: () => resetSocket(this.#socket),
      onPacketRead: () => this.#readOrPause(),
      onEnd: () => this.#halfClose(),
    });
    this.#socket.once('close', () => this.#leave());
  }

  #take(line: string): void {
    if (this.#state === 'gone') return;
    const received = readReceivedLine(line);
    const id = this.#nameOf(received);
    if (id === undefined) {
      this.#inOrder.push(received);
      return this.#pump();
    }
    this.#names.add(id);
    this.#answer(received, id, () => this.#names.delete(id));
  }

  /** Returns the id that identifies the answer on this connection; `undefined` if only the order does, as on an `ordered` server. */
  #nameOf(received: ReceivedLine): string | undefined {
    if (this.#service.correlation === 'ordered' || received.kind === 'not an object') return undefined;
    const { id } = received;
    return isName(id) && !this.#names.has(id) ? id : undefined;
  }

  #pump(): void {
    // A synchronous answer ends within this loop. Continuing from there would recurse once for each line.
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#turn === 'free' && this.#inOrder.length > 0)
      this.#answerInOrder(this.#inOrder.shift() as ReceivedLine);
    this.#isPumping = false;
  }

  #answerInOrder(received: ReceivedLine): void {
    const id = received.kind === 'not an object' ? undefined : received.id;
    if (this.#isBeside(received)) return this.#answer(received, id, () => {});
    this.#turn = 'taken';
    this.#answer(received, this.#service.correlation === 'ordered' ? undefined : id, () => {
      this.#turn = 'free';
      this.#pump();
    });
  }

  /** Returns true for a stream that does not block later requests: an original specialist puts ids in stream frames, not in replies. */
  #isBeside(received: ReceivedLine): boolean {
    const { correlation, streaming } = this.#service;
    return (
      correlation === 'ordered' && streaming === 'frames' && received.kind === 'request' && isStream(received.frame)
    );
  }

  /** Answers a request. Puts `id` on the frames of the answer, and calls `over` when the answer is complete. */
  #answer(received: ReceivedLine, id: string | undefined, over: () => void): void {
    if (received.kind === 'not an object') return this.#hangUp();
    if (received.kind === 'fault') {
      this.#writer.writeLine(lineWithId({ type: 'error', error: received.error }, id));
      return over();
    }
    const answer = answerRequest(new ServedRequest(received.frame), id, this.#service, this.#writer);
    this.#underWay.add(answer);
    answer.onEnd(() => {
      this.#underWay.delete(answer);
      over();
      this.#endIfDone();
      this.#readOrPause();
    });
  }

  /** Closes the connection, as the specialists do after JSON that is not an object. */
  #hangUp(): void {
    this.#leave();
    this.#writer.flush();
    this.#socket.destroy();
  }

  /** Handles the end of the client's sending side: no more requests, but it waits for its answers. */
  #halfClose(): void {
    if (this.#state === 'gone') return;
    this.#state = 'half closed';
    probeHalfOpen(this.#socket);
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#state === 'half closed' && this.#underWay.size + this.#inOrder.length === 0) this.#writer.end();
  }

  #leave(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.#inOrder.length = 0;
    for (const answer of this.#underWay) answer.cancel();
  }

  /** Stops reading from a client that has too many requests open, or that does not read its replies. */
  #readOrPause(): void {
    const isFull = this.#underWay.size + this.#inOrder.length >= MAX_PENDING;
    if (this.#state !== 'gone' && (isFull || !this.#writer.isWritable)) this.#socket.pause();
    else this.#socket.resume();
  }
}
