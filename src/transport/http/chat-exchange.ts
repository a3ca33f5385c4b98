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

/** The most that is read of an error's body, in bytes. */
const MOST_ERROR_BYTES = 65_536;
/** How much is read after the end of an answer, so that its socket can be used again, in bytes and in ms. */
const MOST_REST_BYTES = 65_536;
const LONGEST_REST_MS = 100;
/** A finish reason that came with text may be in every chunk, so the grace is this many times longer. */
const DOUBT = 3;

/** How an exchange ended, reported once. `crashed`: a bug, or an exception of the sink; it ends the link. */
export type Outcome =
  | { readonly kind: 'answered'; readonly frame: Frame }
  | { readonly kind: 'failed'; readonly error: ChoragusError }
  | { readonly kind: 'crashed'; readonly error: unknown };

/** The parts that an exchange needs. */
export interface ExchangeParts {
  readonly socket: HttpSocket;
  readonly dialect: ChatDialect;
  readonly ci: string;
  readonly sink: ChannelSink;
  /** The request, as a frame of the wire. */
  readonly frame: Frame;
  /** The same request as a body in the server's dialect. */
  readonly body: string;
  readonly headers: Record<string, string>;
  readonly maxReplyBytes: number;
  /** How long an answer may be silent after its finish reason before it counts as ended, in ms. */
  readonly finishGraceMs: number;
  /** Called once, with the result. */
  readonly onOutcome: (outcome: Outcome) => void;
  /** Called after the result when the socket is idle or closed; not called after `abort`. */
  readonly onFree: () => void;
}

/** Runs one chat on one socket: sends the request, reads the answer, and decides when it has ended. */
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

  // Called by the reader.

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

  /** Cancels: nothing is reported any more, and the socket is closed, so that the server stops its work. */
  abort(): void {
    this.#state = 'free';
    clearTimeout(this.#timer);
    this.#parts.socket.destroy();
  }

  // Called by undici.

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

  /**
   * Reads, and reports the result. An exception of the sink ends the link; a fault of the peer ends only its request.
   */
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
    // An exception of the sink is wrapped; a fault in the bytes is not.
    if (error instanceof SinkError) this.#tell({ kind: 'crashed', error: error.cause });
    else if (error instanceof ChoragusError) this.#fail(error);
    else this.#tell({ kind: 'crashed', error });
  }

  /**
   * Waits for the end, for a limited time: after the finish reason some servers send nothing more and keep the
   * connection open.
   */
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
      // Nothing tells when the rest arrives, if it does.
      this.#abandon();
    }, ms).unref();
  }

  #bodyEnded(): void {
    if (this.#isError) return this.#refused();
    // undici reports a reset as the end of a body without a length.
    if (this.#parts.socket.hasFailed) return this.#broken(new Error('reset'));
    this.#read(() => this.#readEnd());
    if (this.#state !== 'under way') return;
    if (this.#answer.finish !== 'not') return this.#tell({ kind: 'answered', frame: this.#answer.end() });
    const words = textWords(this.#reader?.text ?? '');
    if (words !== undefined) return this.#fail(ciError({ said: words }));
    this.#fail(cutAnswer());
  }

  /** Reads the end. After the finish reason, a last part that was cut is ignored. */
  #readEnd(): void {
    try {
      this.#reader?.end();
    } catch (error) {
      const isCut = error instanceof ChoragusError && error.code === 'protocol_error';
      if (!isCut || this.#answer.finish !== 'alone') throw error;
    }
  }

  /** Handles a connection that broke before the end of the answer. */
  #broken(error: Error): void {
    if (this.#isError) return this.#refused();
    if (this.#answer.finish === 'alone') return this.#tell({ kind: 'answered', frame: this.#answer.end() });
    const known = fromHttpError(error, 'linked', this.#parts.ci);
    if (known.code !== 'connection_lost') return this.#fail(known);
    const cut = this.#head === undefined ? 'without an answer' : 'in the middle of an answer';
    this.#fail(closedByPeer(cut, { cause: error }));
  }

  #error(bytes: Buffer): void {
    // undici uses its memory again after this call.
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
    // The overload is reported, and the request is not repeated.
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

  /** Stops reading the rest, after the answer was reported. */
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

  /** Returns the head of the answer; undefined before it has arrived. */
  get head(): Head | undefined {
    return this.#head;
  }
}
