import type net from 'node:net';
import type { Subscription } from 'rxjs';
import type { Frame, Message, Pool, Reply, WireMessage } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { LineDecoder } from '../protocol/ndjson.js';
import { SocketWriter } from '../server/socket-writer.js';
import { chunkFrame, echoOf, endFrame, errorFrame, replyFrame, startFrame } from './answer-frames.js';
import { OrderedAnswers, type Place } from './ordered-answers.js';

/** What a client may take of us. */
export interface ClientLimits {
  /** The longest request line, in bytes. */
  readonly maxLineBytes: number;
  /** Requests of one client that are under way at once; beyond, no more are read. */
  readonly maxPending: number;
  /** Answers that wait for one client, in bytes: for those before them, or for the client to read. Beyond, it is cut off. */
  readonly maxUnreadBytes: number;
}

/** One client of one CI: its lines become requests of the pool, and what comes of them its answers, in order. */
export class ProxiedClient {
  readonly #socket: net.Socket;
  readonly #ci: string;
  readonly #pool: Pool;
  readonly #limits: ClientLimits;
  readonly #writer: SocketWriter;
  readonly #answers: OrderedAnswers;
  readonly #underWay = new Set<Subscription>();
  #state: 'open' | 'draining' | 'gone' = 'open';

  constructor(socket: net.Socket, ci: string, pool: Pool, limits: ClientLimits) {
    this.#socket = socket;
    this.#ci = ci;
    this.#pool = pool;
    this.#limits = limits;
    this.#writer = new SocketWriter(socket, () => this.#readOrPause());
    this.#answers = new OrderedAnswers(
      (frame) => this.#say(frame),
      (characters) => this.#bound(characters),
    );
  }

  start(): void {
    const decoder = new LineDecoder(this.#limits.maxLineBytes);
    const onLine = (line: string): void => this.#take(line);
    this.#socket.on('data', (bytes: Buffer) => {
      if (this.#state !== 'open') return;
      try {
        decoder.push(bytes, onLine);
      } catch (error) {
        if (!(error instanceof ChoragusError)) throw error;
        // What follows cannot be told from the line's rest. A CI would reset; a client that is told knows why.
        this.#refuse(`a line of over ${this.#limits.maxLineBytes} bytes`);
        this.drain();
      }
      this.#readOrPause();
    });
    this.#socket.once('end', () => this.#leave());
    this.#socket.once('close', () => this.#leave());
  }

  /** Takes no more requests; ends once those that it has are answered. */
  drain(): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.#readOrPause();
    this.#endIfDone();
  }

  #take(line: string): void {
    // The last line of a packet whose first one made the client leave.
    if (this.#state !== 'open') return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return this.#refuse('Invalid JSON');
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return this.#ask(value as Frame);
    // As a CI does with a line that is JSON and no object.
    this.#leave();
    this.#writer.flush();
    this.#socket.destroy();
  }

  #refuse(error: string): void {
    const place = this.#answers.open();
    place.write({ type: 'error', error });
    place.end();
  }

  #ask(message: Frame): void {
    const place = this.#answers.open();
    const subscription =
      message.type === 'chat' && message.stream === true ? this.#stream(message, place) : this.#request(message, place);
    if (subscription.closed) return;
    this.#underWay.add(subscription);
    subscription.add(() => this.#underWay.delete(subscription));
  }

  #request(message: Frame, place: Place): Subscription {
    const echo = echoOf(message);
    // A stream that is no chat has one answer, whatever it asks for.
    const { stream: _, ...fields } = message;
    return this.#pool.request(this.#ci, fields as WireMessage).subscribe({
      next: (reply) => place.write(echo(replyFrame(reply))),
      error: (error: ChoragusError) => this.#over(place, echo(errorFrame('error', error))),
      complete: () => this.#over(place),
    });
  }

  #stream(message: Frame, place: Place): Subscription {
    const echo = echoOf(message);
    let chunks = 0;
    let end: Reply | undefined;
    const onEnd = (reply: Reply): void => {
      end = reply;
    };
    const begin = (): void => {
      if (chunks === 0) place.write(echo(startFrame(this.#ci)));
    };
    return this.#pool.stream(this.#ci, message as unknown as Message, { onEnd }).subscribe({
      next: (chunk) => {
        // Clients of this wire know of text alone; the end tells the rest.
        if (chunk.kind !== 'text') return;
        begin();
        place.write(echo(chunkFrame(chunk, chunks)));
        chunks += 1;
      },
      error: (error: ChoragusError) => this.#over(place, echo(errorFrame('stream_error', error))),
      complete: () => {
        begin();
        this.#over(place, echo(endFrame(chunks, end)));
      },
    });
  }

  #over(place: Place, last?: Frame): void {
    if (last !== undefined) place.write(last);
    place.end();
    this.#endIfDone();
    this.#readOrPause();
  }

  #say(frame: Frame): void {
    if (this.#state === 'gone') return;
    this.#writer.write(frame);
    this.#bound(this.#socket.writableLength);
  }

  /** What waits for a client is bounded: one that reads too slowly, or asks for too much at once, is cut off. */
  #bound(bytes: number): void {
    if (bytes > this.#limits.maxUnreadBytes) this.#socket.destroy();
  }

  #endIfDone(): void {
    if (this.#state !== 'draining' || this.#answers.size > 0) return;
    this.#writer.flush();
    this.#socket.end();
  }

  /** Whoever leaves wants no answer: what is under way is given up. */
  #leave(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    for (const subscription of [...this.#underWay]) subscription.unsubscribe();
    this.#socket.end();
  }

  #readOrPause(): void {
    const isFull = this.#answers.size >= this.#limits.maxPending;
    // One that is leaving is read to its end, or its end would not be noticed.
    if (this.#state === 'open' && (isFull || !this.#writer.isWritable)) this.#socket.pause();
    else this.#socket.resume();
  }
}
