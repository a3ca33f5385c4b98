import type { CarriedCi, CarriedTo, Frame } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { answerLine, errorLine, failureLine, startLine } from './answer-line.js';
import type { Ending, PendingAnswer } from './answer-order.js';
import type { ClientLine } from './client-line.js';

/** One request of a client: what comes of it goes to its place in the order of answers. */
export class ClientRequest implements CarriedTo {
  readonly #asked: ClientLine;
  /** The id by which the client knows whose a line is; `undefined` where it can tell by the order alone. */
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

  /** Sends it. What comes of it may come at once. */
  send(ci: CarriedCi): void {
    try {
      this.#carried = ci.carry(this.#asked, this);
    } catch (error) {
      if (!(error instanceof ChoragusError)) throw error;
      this.over(error);
    }
  }

  /** Nobody waits for it any more. */
  giveUp(): void {
    this.#state = 'over';
    this.#carried?.unsubscribe();
  }

  /** It fails of this, whatever may still come. */
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
    // The CI's own error has been passed on, where it came in a line.
    const isSaid = error === undefined || (error.code === 'ci_error' && this.#state === 'speaking');
    const words = isSaid ? undefined : this.#wordsFor(error);
    if (words !== undefined) this.#say(words, true);
    this.#state = 'over';
    if (isSaid || words !== undefined) this.#answer.end();
    else this.#answer.fail(endingOf(error));
    this.#onOver(this);
  }

  /** A frame of a wire without lines. Clients know of text alone; the end tells the rest. */
  #translate(frame: Frame): void {
    if (frame.kind !== undefined && frame.kind !== 'text') return;
    const isOfStream = frame.type === 'stream_chunk' || frame.type === 'stream_end';
    if (this.#state === 'silent' && isOfStream) this.#say(startLine(this.#asked.id), true);
    this.#say(answerLine(frame, undefined, this.#asked.id), true);
  }

  /** What a client is told of a failure: of ours nothing, unless it understands it. */
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

/** As the CI's own connection ended, where that is what happened; else by a reset, so that nobody takes it for an empty answer. */
function endingOf({ code, cause }: ChoragusError): Ending {
  return code === 'connection_lost' && cause === undefined ? 'end' : 'reset';
}
