import type { Duplex } from 'node:stream';
import { resetSocket } from '../node/close-socket.js';
import { isName, lineWithId } from '../protocol/raw-line.js';
import { answerRequest, type RunningAnswer } from './answer-request.js';
import { isStream, ServedRequest } from './ci-request.js';
import { probeHalfOpen } from './kept-alive.js';
import type { CiService } from './options.js';
import { type Question, readQuestion } from './question.js';
import { readLines } from './read-lines.js';
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

/**
 * One client. Questions that name themselves, by an id that no other under way has, are answered side by side. All others are answered in the
 * order in which they came, one after the other, since nothing but that tells their answers apart.
 */
class ServedConnection {
  readonly #socket: Duplex;
  readonly #service: CiService;
  readonly #writer: SocketWriter;
  readonly #underWay = new Set<RunningAnswer>();
  /** The ids of those that are answered side by side. */
  readonly #names = new Set<string>();
  /** Those that wait for their turn. */
  readonly #inOrder: Question[] = [];
  #turn: 'free' | 'taken' = 'free';
  #isPumping = false;
  #state: 'asking' | 'has asked' | 'gone' = 'asking';

  constructor(socket: Duplex, service: CiService) {
    this.#socket = socket;
    this.#service = service;
    this.#writer = new SocketWriter(socket, () => this.#readOrPause());
  }

  start(): void {
    readLines(this.#socket, this.#service.maxLineBytes, {
      onLine: (line) => this.#take(line),
      // As the specialists' line reader does with a line that it cannot hold.
      onTooLong: () => resetSocket(this.#socket),
      onPacketRead: () => this.#readOrPause(),
      onEnd: () => this.#hasAsked(),
    });
    this.#socket.once('close', () => this.#leave());
  }

  #take(line: string): void {
    if (this.#state === 'gone') return;
    const question = readQuestion(line);
    const id = this.#nameOf(question);
    if (id === undefined) {
      this.#inOrder.push(question);
      return this.#pump();
    }
    this.#names.add(id);
    this.#answer(question, id, () => this.#names.delete(id));
  }

  /** The id by which a question's answer can be told from all others that are owed. A FIFO server names no answer. */
  #nameOf(question: Question): string | undefined {
    if (this.#service.correlation === 'ordered' || question.kind === 'nonsense') return undefined;
    const { id } = question;
    return isName(id) && !this.#names.has(id) ? id : undefined;
  }

  #pump(): void {
    // An answer that comes at once ends within this loop; going on from there would recurse once for each line.
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#turn === 'free' && this.#inOrder.length > 0) this.#answerInOrder(this.#inOrder.shift() as Question);
    this.#isPumping = false;
  }

  #answerInOrder(question: Question): void {
    const id = question.kind === 'nonsense' ? undefined : question.id;
    if (this.#isBeside(question)) return this.#answer(question, id, () => {});
    this.#turn = 'taken';
    this.#answer(question, this.#service.correlation === 'ordered' ? undefined : id, () => {
      this.#turn = 'free';
      this.#pump();
    });
  }

  /** A streaming specialist answers streams beside what follows: that is why their frames carry ids although its replies do not. */
  #isBeside(question: Question): boolean {
    const { correlation, streaming } = this.#service;
    return (
      correlation === 'ordered' && streaming === 'frames' && question.kind === 'request' && isStream(question.frame)
    );
  }

  /** `id` goes on the frames of the answer; `over` is called when it is complete. */
  #answer(question: Question, id: string | undefined, over: () => void): void {
    if (question.kind === 'nonsense') return this.#hangUp();
    if (question.kind === 'fault') {
      this.#writer.writeLine(lineWithId({ type: 'error', error: question.error }, id));
      return over();
    }
    const answer = answerRequest(new ServedRequest(question.frame), id, this.#service, this.#writer);
    this.#underWay.add(answer);
    answer.onEnd(() => {
      this.#underWay.delete(answer);
      over();
      this.#endIfDone();
      this.#readOrPause();
    });
  }

  /** As the specialists do. */
  #hangUp(): void {
    this.#leave();
    this.#writer.flush();
    this.#socket.destroy();
  }

  /** It has ended its side: it asks no more, and waits for what is owed. */
  #hasAsked(): void {
    if (this.#state === 'gone') return;
    this.#state = 'has asked';
    probeHalfOpen(this.#socket);
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#state === 'has asked' && this.#underWay.size + this.#inOrder.length === 0) this.#writer.end();
  }

  #leave(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.#inOrder.length = 0;
    for (const answer of this.#underWay) answer.cancel();
  }

  /** What a client may have outstanding is bounded, and one that reads no replies has no more requests read. */
  #readOrPause(): void {
    const isFull = this.#underWay.size + this.#inOrder.length >= MAX_PENDING;
    if (this.#state !== 'gone' && (isFull || !this.#writer.isWritable)) this.#socket.pause();
    else this.#socket.resume();
  }
}
