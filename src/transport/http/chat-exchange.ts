import type { Dispatcher } from 'undici';
import type { ChannelSink, Frame } from '../../contract/index.js';
import { ChoragusError, ciError, closedByPeer, cutAnswer } from '../../errors/index.js';
import { Answer, SinkError } from './answer.js';
import { AnswerReader, type Listener } from './answer-reader.js';
import type { ChatDialect } from './dialect.js';
import { errorOf, textWords } from './error-words.js';
import { fromHttpError, refusedAnswer } from './http-error.js';
import type { HttpSocket } from './http-socket.js';
import type { Head } from './response-head.js';

/** Of the body of an error no more is read, in bytes. */
const MOST_ERROR_BYTES = 65_536;
/** What comes after the end of an answer is read for so long, so that its socket can be used again, in bytes and in ms. */
const MOST_REST_BYTES = 65_536;
const LONGEST_REST_MS = 100;
/** A reason to stop that came with text may be in each chunk: it has so many times the grace. */
const DOUBT = 3;

/** What an exchange came to, told once. `crashed`: a bug, or the sink's own error, which ends the link. */
export type Outcome =
  | { readonly kind: 'answered'; readonly frame: Frame }
  | { readonly kind: 'failed'; readonly error: ChoragusError }
  | { readonly kind: 'crashed'; readonly error: unknown };

/** What an exchange is made of. */
export interface ExchangeParts {
  readonly socket: HttpSocket;
  readonly dialect: ChatDialect;
  readonly ci: string;
  readonly sink: ChannelSink;
  /** The request, as a frame of the wire. */
  readonly frame: Frame;
  /** The same, as the server takes it. */
  readonly body: string;
  readonly headers: Record<string, string>;
  readonly maxReplyBytes: number;
  /** How long an answer may be silent after its model has stopped, in ms, before that counts as its end. */
  readonly finishGraceMs: number;
  /** What it came to. */
  readonly onOutcome: (outcome: Outcome) => void;
  /** The socket is done with: idle, or closed. Told after the outcome; not after `abort`. */
  readonly onFree: () => void;
}

/** One chat over one socket: what is asked, what comes, and when that is the end. */
export class ChatExchange implements Dispatcher.DispatchHandler, Listener {
  readonly #parts: ExchangeParts;
  readonly #answer: Answer;
  #reader: AnswerReader | undefined;
  #head: Head | undefined;
  #errorBody: Uint8Array[] = [];
  #errorBytes = 0;
  #restBytes = 0;
  #state: 'under way' | 'told' | 'free' = 'under way';
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ExchangeParts) {
    const { sink, frame, maxReplyBytes } = parts;
    this.#parts = parts;
    this.#answer = new Answer(sink, frame, maxReplyBytes);
  }

  // What the reader tells.

  get isOver(): boolean {
    return this.#state !== 'under way' || this.#answer.isOver;
  }

  value(value: Frame, event: string | undefined): void {
    const { dialect } = this.#parts;
    const words = event === 'error' ? errorOf(value) : dialect.errorIn(value);
    if (words !== undefined) throw ciError({ said: words });
    dialect.read(value, this.#answer);
  }

  done(): void {
    this.#answer.over();
  }

  begin(): void {
    const { socket, dialect, headers, body } = this.#parts;
    socket.ask({ method: 'POST', path: dialect.chatPath, headers, body }, this);
  }

  /** Gives it up: nothing is told any more, and the socket is closed, by which the server stops to work on it. */
  abort(): void {
    this.#state = 'free';
    clearTimeout(this.#timer);
    this.#parts.socket.destroy();
  }

  // What undici tells.

  onRequestStart(): void {}

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (this.#state !== 'under way' || status < 200) return;
    this.#head = { status, headers };
    const isStream = /^\s*text\/event-stream/i.test(String(headers['content-type']));
    this.#reader = new AnswerReader(this, this.#parts.maxReplyBytes, isStream);
    this.#parts.sink.alive();
    if (this.#isError) this.#wait(this.#parts.finishGraceMs);
  }

  onResponseData(_controller: Dispatcher.DispatchController, bytes: Buffer): void {
    if (this.#state === 'free') return;
    this.#parts.sink.alive();
    if (this.#state === 'told') return this.#rest(bytes.length);
    if (this.#isError) return this.#error(bytes);
    this.#read(() => this.#reader?.push(bytes));
  }

  onResponseEnd(): void {
    if (this.#state === 'under way') this.#bodyEnded();
    this.#free();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#state === 'under way') this.#broken(error);
    this.#free();
  }

  get #isError(): boolean {
    return this.#head !== undefined && this.#head.status >= 300;
  }

  /** Reads, and tells what that came to. What the sink throws ends the link; what the peer did wrong, its request alone. */
  #read(read: () => void): void {
    const { progress } = this.#answer;
    try {
      read();
    } catch (error) {
      return this.#caught(error);
    }
    if (this.#state !== 'under way') return;
    if (this.#answer.isOver) this.#tell({ kind: 'answered', frame: this.#answer.end() });
    else if (this.#answer.progress !== progress) this.#awaitEnd();
  }

  #caught(error: unknown): void {
    // What the sink threw comes wrapped; a fault in the bytes does not.
    if (error instanceof SinkError) this.#tell({ kind: 'crashed', error: error.cause });
    else if (error instanceof ChoragusError) this.#fail(error);
    else this.#tell({ kind: 'crashed', error });
  }

  /** A server that has given its model's reason to stop may have nothing more to say, and keep the connection open. */
  #awaitEnd(): void {
    clearTimeout(this.#timer);
    const { finish } = this.#answer;
    const { finishGraceMs } = this.#parts;
    if (finish === 'alone') this.#wait(finishGraceMs);
    else if (finish === 'with text') this.#wait(finishGraceMs * DOUBT);
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#state !== 'under way') return;
      if (this.#isError) this.#refused();
      else this.#tell({ kind: 'answered', frame: this.#answer.end() });
      // Nothing tells when the rest comes, if any does.
      this.#abandon();
    }, ms).unref();
  }

  #bodyEnded(): void {
    if (this.#isError) return this.#refused();
    // undici takes a reset for the end of a body that has no length.
    if (this.#parts.socket.hasFailed) return this.#broken(new Error('reset'));
    this.#read(() => this.#readEnd());
    if (this.#state !== 'under way') return;
    if (this.#answer.finish !== 'not') return this.#tell({ kind: 'answered', frame: this.#answer.end() });
    const words = textWords(this.#reader?.text ?? '');
    if (words !== undefined) return this.#fail(ciError({ said: words }));
    this.#fail(cutAnswer());
  }

  /** Where the model has stopped, a last part that was cut is no part of the answer. */
  #readEnd(): void {
    try {
      this.#reader?.end();
    } catch (error) {
      const isCut = error instanceof ChoragusError && error.code === 'protocol_error';
      if (!isCut || this.#answer.finish !== 'alone') throw error;
    }
  }

  /** The connection broke before the answer had its end. */
  #broken(error: Error): void {
    if (this.#isError) return this.#refused();
    if (this.#answer.finish === 'alone') return this.#tell({ kind: 'answered', frame: this.#answer.end() });
    const known = fromHttpError(error, 'linked', this.#parts.ci);
    if (known.code !== 'connection_lost') return this.#fail(known);
    const cut = this.#head === undefined ? 'without an answer' : 'in the middle of an answer';
    this.#fail(closedByPeer(cut, { cause: error }));
  }

  #error(bytes: Buffer): void {
    // undici's memory is its own after this call.
    this.#errorBody.push(Buffer.from(bytes));
    this.#errorBytes += bytes.length;
    this.#wait(this.#parts.finishGraceMs);
    if (this.#errorBytes < MOST_ERROR_BYTES) return;
    this.#refused();
    this.#abandon();
  }

  #refused(): void {
    const { dialect, sink } = this.#parts;
    const error = refusedAnswer(this.#head as Head, Buffer.concat(this.#errorBody), dialect);
    // It is told, and not asked again behind the caller's back.
    if (error.code === 'overloaded') sink.suspect();
    this.#fail(error);
  }

  #fail(error: ChoragusError): void {
    const { partial } = this.#answer;
    const { ci } = this.#parts;
    this.#tell({ kind: 'failed', error: error.with({ ci, ...(partial === undefined ? {} : { partial }) }) });
  }

  #tell(outcome: Outcome): void {
    if (this.#state !== 'under way') return;
    this.#state = 'told';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#abandon(), LONGEST_REST_MS).unref();
    this.#parts.onOutcome(outcome);
  }

  #rest(bytes: number): void {
    this.#restBytes += bytes;
    if (this.#restBytes > MOST_REST_BYTES) this.#abandon();
  }

  /** The answer is told, and the rest is not waited for. */
  #abandon(): void {
    if (this.#state !== 'told') return;
    this.#parts.socket.destroy();
    this.#free();
  }

  #free(): void {
    if (this.#state === 'free') return;
    this.#state = 'free';
    clearTimeout(this.#timer);
    this.#parts.onFree();
  }

  /** The head of the answer, once it has come. */
  get head(): Head | undefined {
    return this.#head;
  }
}
