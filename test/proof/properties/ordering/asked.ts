import type { Observable, Subscription } from 'rxjs';
import type { ChoragusError, Chunk, Pool, Reply, RequestOptions } from '../../../../src/index.js';
import { answerTo, errorFor, piecesFor } from './lines.js';
import type { Kind } from './manners.js';
import type { Tally } from './tally.js';

/** A deadline fires at most one tick of the wheel (8 ms) late. */
const LATE_MS = 9;

/** The form of a question. */
export interface Asking {
  readonly question: string;
  readonly kind: Kind;
  readonly options: RequestOptions & { readonly deadlineMs: number };
  /** No short deadline and no cancellation is planned. */
  readonly isPatient: boolean;
}

/** One question as its caller sees it. Checks and counts what it receives. */
export class Asked {
  readonly #asking: Asking;
  readonly #tally: Tally;
  readonly #now: () => number;
  readonly #startedMs: number;
  readonly #texts: string[] = [];
  #state: 'open' | 'ended' | 'cancelled' = 'open';
  #isWrong = false;

  constructor(asking: Asking, tally: Tally, now: () => number) {
    this.#asking = asking;
    this.#tally = tally;
    this.#now = now;
    this.#startedMs = now();
    tally.asked += 1;
    if (asking.isPatient) tally.patient += 1;
  }

  /** Asks. Calls `ended` with `answered` or the error's code, and not after `cancel`. */
  ask(pool: Pool, ended: (how: string) => void): Subscription {
    const { question, kind, options } = this.#asking;
    const end = (how: string): void => {
      if (this.#state !== 'open') return this.#tally.breaks(`${question} ended again (${how})`);
      this.#state = 'ended';
      this.#checkTime();
      ended(how);
    };
    const source$: Observable<Reply | Chunk> =
      kind === 'ask'
        ? pool.ask('peer', question, options)
        : kind === 'stream'
          ? pool.stream('peer', question, options)
          : pool.request('peer', { type: kind, content: question }, options);
    return source$.subscribe({
      next: ({ content }) => this.#came(content),
      error: (error: ChoragusError) => end(this.#failed(error)),
      complete: () => end(this.#completed()),
    });
  }

  cancel(subscription: Subscription): boolean {
    if (this.#state !== 'open') return false;
    this.#state = 'cancelled';
    this.#tally.cancelled += 1;
    subscription.unsubscribe();
    return true;
  }

  #came(content: string): void {
    const { question, kind } = this.#asking;
    if (this.#state !== 'open') this.#tally.breaks(`${question} was told "${content}" after its end`);
    const texts = this.#texts;
    texts.push(content);
    const isPiece = kind === 'stream' && content === piecesFor(question)[texts.length - 1];
    if (!isPiece && !(texts.length === 1 && content === answerTo(question))) this.#wrong(content);
  }

  #completed(): string {
    const [first] = this.#texts;
    const length = first === answerTo(this.#asking.question) ? 1 : piecesFor('').length;
    if (this.#texts.length !== length) this.#wrong(`${this.#texts.length} pieces, and the end`);
    this.#answered();
    return 'answered';
  }

  #failed(error: ChoragusError): string {
    const { question } = this.#asking;
    const { code, delivery, partial } = error;
    if (delivery === 'not_sent') this.#tally.notSent.push(question);
    this.#tally.failed[code] = (this.#tally.failed[code] ?? 0) + 1;
    if (partial !== undefined && partial !== this.#texts.join('')) this.#wrong(`the part "${partial}"`);
    // An error of the CI is an answer: it must name its question, too.
    if (code === 'ci_error') {
      if (error.said !== errorFor(question)) this.#wrong(`the error "${error.said}"`);
      this.#answered();
    }
    return code;
  }

  #answered(): void {
    this.#tally.answers += 1;
    if (this.#asking.isPatient) this.#tally.patientAnswered += 1;
  }

  #wrong(what: string): void {
    if (this.#isWrong) return;
    this.#isWrong = true;
    this.#tally.isWrong(`${this.#asking.question} (${this.#asking.kind}) was given ${what}`);
  }

  #checkTime(): void {
    const tookMs = this.#now() - this.#startedMs;
    const { deadlineMs } = this.#asking.options;
    if (tookMs > deadlineMs + LATE_MS)
      this.#tally.breaks(`${this.#asking.question} took ${tookMs} of ${deadlineMs} ms`);
  }
}
