import { defer, type MonoTypeOperatorFunction, Observable, retry, type Subscription, tap } from 'rxjs';
import type { ChoragusError, Chunk, Outcome, Reply } from '../../../src/index.js';
import type { ManualClock } from '../../../src/testing/index.js';
import type { CiName } from './acts.js';

/** The wheel fires at most one tick (8 ms) late; the model's own timers take whole milliseconds. */
const LATE_MS = 9;
const RETRY_PAUSE_MS = 15;

/** How a request was made. */
export interface SeenHow {
  readonly ci: CiName;
  readonly content: string;
  readonly replyMode: 'whole' | 'stream';
  /** Of one try. */
  readonly deadlineMs: number;
  readonly retries: number;
  readonly signal: 'none' | 'shared';
  /** Whether the user set the time limit, so that even a correct peer may be too slow for it. */
  readonly haste: 'patient' | 'hasty';
}

/** One request, as its user and the wire saw it. */
export class Seen {
  readonly how: SeenHow;
  readonly startedMs: number;
  readonly dueMs: number;
  readonly texts: string[] = [];
  /** Outcomes under the name of a CI without a request, or in a wrong order. */
  readonly misplaced: unknown[] = [];
  /** Errors of all tries, with what the wire had seen of each try. */
  readonly failures: { readonly error: ChoragusError; readonly commits: number }[] = [];
  /** Commits outside of any try. */
  commitsOutOfTry = 0;
  commits = 0;
  ends = 0;
  endedMs = 0;
  error: ChoragusError | undefined;
  phase: 'fresh' | 'trying' | 'pausing' | 'ended' | 'given up' = 'fresh';
  subscription: Subscription | undefined;
  #commitsOfTry = 0;
  readonly #clock: ManualClock;

  constructor(how: SeenHow, clock: ManualClock) {
    this.how = how;
    this.#clock = clock;
    this.startedMs = clock.now();
    this.dueMs = this.startedMs + (how.retries + 1) * (how.deadlineMs + LATE_MS) + how.retries * RETRY_PAUSE_MS;
  }

  get isOpen(): boolean {
    return this.phase === 'trying' || this.phase === 'pausing';
  }

  committed(): void {
    this.commits += 1;
    this.#commitsOfTry += 1;
    if (this.phase !== 'trying') this.commitsOutOfTry += 1;
  }

  begins(): void {
    this.phase = 'trying';
    this.#commitsOfTry = 0;
  }

  /** A user's own `retry()` around a request, with a pause; records each try. */
  retried<T>(): MonoTypeOperatorFunction<T> {
    return (source) =>
      defer(() => {
        this.begins();
        return source;
      }).pipe(
        tap({ error: (error: ChoragusError) => this.#tryFailed(error) }),
        retry({ count: this.how.retries, delay: () => this.#pause() }),
      );
  }

  reply({ ci, content }: Reply): void {
    this.#came(ci, content);
  }

  chunk({ ci, content, index }: Chunk): void {
    if (index !== this.texts.length) this.misplaced.push({ index, content });
    this.#came(ci, content);
  }

  outcome(outcome: Outcome): void {
    if (outcome.ok && this.how.replyMode === 'whole') this.reply(outcome.reply);
    if (outcome.ok && this.how.replyMode === 'stream' && outcome.reply.content !== this.texts.join('')) {
      // A peer that cannot stream answers with one reply, whose text is the one chunk.
      if (this.texts.length !== 1 || this.texts[0] !== outcome.reply.content) this.misplaced.push(outcome.reply);
    }
    if (!outcome.ok) this.#tryFailed(outcome.error);
    this.end(outcome.ok ? undefined : outcome.error);
  }

  readonly end = (error?: ChoragusError): void => {
    this.phase = 'ended';
    this.ends += 1;
    this.endedMs = this.#clock.now();
    this.error = error;
  };

  giveUp(): void {
    if (!this.isOpen) return;
    this.phase = 'given up';
    this.subscription?.unsubscribe();
  }

  #came(ci: string, content: string): void {
    if (ci !== this.how.ci || !this.isOpen) this.misplaced.push({ ci, content });
    this.texts.push(content);
  }

  #tryFailed(error: ChoragusError): void {
    this.failures.push({ error, commits: this.#commitsOfTry });
    this.phase = 'pausing';
  }

  #pause(): Observable<void> {
    return new Observable((subscriber) => {
      const timer = this.#clock.setTimeout(() => subscriber.next(), RETRY_PAUSE_MS, 'background');
      return () => this.#clock.clearTimeout(timer);
    });
  }
}
