import type { Subscription } from 'rxjs';
import type { ChoragusError, Code, Pool } from '../../../src/index.js';

/** The kinds of a request: the last two do not end with a reply. */
export type Kind = 'ask' | 'stream' | 'wait' | 'fail' | 'giveUp';

/** One request as its user saw it. */
export interface Sent {
  readonly ci: string;
  readonly kind: Kind;
  readonly content: string;
  readonly startedMs: number;
  readonly deadlineMs: number;
  readonly texts: string[];
  ends: number;
  endedMs: number;
  error: ChoragusError | undefined;
  isGivenUp: boolean;
}

const KINDS: readonly Kind[] = ['ask', 'stream', 'wait', 'ask', 'fail', 'stream', 'wait', 'giveUp'];

/** Time between two requests of a worker, in ms: a CI that is down fails them at once, and a loop without a pause would spin. */
const PACE_MS = 2;

/** How long to wait for an event, in ms, before the test fails. */
const PATIENCE_MS = 15_000;

/** Workers that send one request after the other, some to each CI, and record each result. */
export class Load {
  readonly sent: Sent[] = [];
  readonly #pool: Pool;
  readonly #deadlinesMs: Readonly<Record<string, number>>;
  readonly #watchers = new Set<(sent: Sent) => void>();
  readonly #workers: Promise<void>[] = [];
  #phase: 'running' | 'stopping' = 'running';

  /** `deadlinesMs` has the deadline of a request, in ms, for each CI. */
  constructor(pool: Pool, deadlinesMs: Readonly<Record<string, number>>, workersEach: number) {
    this.#pool = pool;
    this.#deadlinesMs = deadlinesMs;
    for (const ci of Object.keys(deadlinesMs)) {
      for (let i = 0; i < workersEach; i += 1) this.#workers.push(this.#work(ci, i));
    }
  }

  /** Settles when this many more requests to this CI have ended with a reply, or with this error code. */
  async more(count: number, ci: string, how: 'reply' | Code): Promise<void> {
    let left = count;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${left} of ${count} × ${how} of ${ci} never came`)),
        PATIENCE_MS,
      );
      const watcher = (sent: Sent): void => {
        if (sent.ci !== ci || sent.isGivenUp || (sent.error?.code ?? 'reply') !== how) return;
        left -= 1;
        if (left > 0) return;
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  /** Starts no more requests, and settles when all have ended. */
  async stop(): Promise<void> {
    this.#phase = 'stopping';
    await Promise.all(this.#workers);
  }

  async #work(ci: string, worker: number): Promise<void> {
    for (let i = worker; this.#phase === 'running'; i += 1) {
      await this.#send(ci, KINDS[i % KINDS.length] as Kind);
      await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    }
  }

  #send(ci: string, kind: Kind): Promise<void> {
    const sent: Sent = {
      ci,
      kind,
      content: `${ci}.${this.sent.length}/${kind}`,
      startedMs: performance.now(),
      deadlineMs: this.#deadlinesMs[ci] as number,
      texts: [],
      ends: 0,
      endedMs: 0,
      error: undefined,
      isGivenUp: false,
    };
    this.sent.push(sent);
    return new Promise((resolve) => {
      const end = (error?: ChoragusError): void => {
        sent.ends += 1;
        sent.endedMs = performance.now();
        sent.error = error;
        for (const watcher of [...this.#watchers]) watcher(sent);
        resolve();
      };
      const subscription = this.#subscribe(sent, end);
      if (kind === 'giveUp') setTimeout(() => this.#giveUp(sent, subscription, resolve), this.sent.length % 4);
    });
  }

  #subscribe({ ci, kind, content, deadlineMs, texts }: Sent, end: (error?: ChoragusError) => void): Subscription {
    const options = { deadlineMs, waitForReady: kind === 'wait' };
    const observer = { next: (one: { content: string }) => texts.push(one.content), error: end, complete: () => end() };
    return kind === 'stream'
      ? this.#pool.stream(ci, content, options).subscribe(observer)
      : this.#pool.ask(ci, content, options).subscribe(observer);
  }

  #giveUp(sent: Sent, subscription: Subscription, resolve: () => void): void {
    if (sent.ends > 0) return;
    sent.isGivenUp = true;
    subscription.unsubscribe();
    resolve();
  }
}
