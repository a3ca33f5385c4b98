import type { CarriedCi, CarriedTo, Frame } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { answerLine, errorLine, failureLine, startLine } from './answer-line.js';
import type { Ending, PendingAnswer } from './answer-order.js';
import type { ClientLine } from './client-line.js';

/** Sends one request of a client to the CI, and writes its answer into the order of answers. */
export class ClientRequest implements CarriedTo {
  readonly #asked: ClientLine;
  /** The id by which the client matches the answer; `undefined` if the client matches by order. */
  readonly name: string | undefined;
  readonly #answer: PendingAnswer;
  readonly #onOver: (request: ClientRequest) => void;
  #carried: { unsubscribe(): void } | undefined;
  #state: 'silent' | 'speaking' | 'over' = 'silent';

  constructor(
    asked: ClientLine,
    name: string | undefined,
    answer: PendingAnswer,
    onOver: (request: ClientRequest) => void,
  ) {
    this.#asked = asked;
    this.name = name;
    this.#answer = answer;
    this.#onOver = onOver;
  }

  /** Sends the request. The answer can arrive before this returns. */
  send(ci: CarriedCi): void {
    try {
      this.#carried = ci.carry(this.#asked, this);
    } catch (error) {
      if (!(error instanceof ChoragusError)) throw error;
      this.over(error);
    }
  }

  /** Abandons the request: its client has left. */
  giveUp(): void {
    this.#state = 'over';
    this.#carried?.unsubscribe();
  }

  /** Fails the request, and ignores what the CI still sends for it. */
  failed(error: ChoragusError): void {
    const carried = this.#carried;
    this.over(error);
    carried?.unsubscribe();
  }

  frame(frame: Frame, line: string | undefined): void {
    if (line === undefined) return this.#translate(frame);
    this.#say(answerLine(frame, line, this.#asked.id), typeof frame.request_id === 'string');
  }

  over(error?: ChoragusError): void {
    if (this.#state === 'over') return;
    // If the CI sent its error as a line, the client has that line already.
    const isSaid = error === undefined || (error.code === 'ci_error' && this.#state === 'speaking');
    const words = isSaid ? undefined : this.#wordsFor(error);
    if (words !== undefined) this.#say(words, true);
    this.#state = 'over';
    if (isSaid || words !== undefined) this.#answer.end();
    else this.#answer.fail(endingOf(error));
    this.#onOver(this);
  }

  /** Writes a frame of a wire without lines. Passes on only text and the end: clients know no other kinds of chunks. */
  #translate(frame: Frame): void {
    if (frame.kind !== undefined && frame.kind !== 'text') return;
    const isOfStream = frame.type === 'stream_chunk' || frame.type === 'stream_end';
    if (this.#state === 'silent' && isOfStream) this.#say(startLine(this.#asked.id), true);
    this.#say(answerLine(frame, undefined, this.#asked.id), true);
  }

  /** Returns the error line for a client. Returns `undefined` for a failure of Choragus, unless the client understands it. */
  #wordsFor(error: ChoragusError): string | undefined {
    const { isOurs, isStream, id } = this.#asked;
    if (isOurs && id !== undefined) return failureLine(error, isStream, id);
    return error.code === 'ci_error' ? errorLine(error, isStream, id) : undefined;
  }

  #say(line: string, hasId: boolean): void {
    if (this.#state === 'over') return;
    this.#state = 'speaking';
    this.#answer.write(line, hasId && this.name !== undefined ? 'named' : 'in order');
  }
}

/** Returns `end` if the CI ended its connection. Otherwise `reset`, so that the client does not read an empty answer. */
function endingOf({ code, cause }: ChoragusError): Ending {
  return code === 'connection_lost' && cause === undefined ? 'end' : 'reset';
}
