import type { Subscription } from 'rxjs';
import type { Intervention, Watchable } from '../../observe/watchable.js';
import { Beats } from './beats.js';
import { type RowExtras, rowOf } from './ci-row.js';
import type { Feed } from './feed.js';
import { helloOf } from './hello.js';
import type { CiRow, Hello, Recorded } from './records.js';
import { SummaryRounds } from './summary-rounds.js';
import { Traces } from './traces.js';
import { Sampler } from './windows/sampler.js';

/** What watchers may do, and what the feed sends about requests. */
export type PoolFeedTerms = Pick<Hello, 'may' | 'requests'>;

/** Most CIs in one piece of the state. */
const CIS_A_PIECE = 50;
/** Longest time for one piece, in ms. Needed beside the count, because code is ten times slower on its first run. */
const PIECE_MS = 2;

/**
 * Shows a pool as a feed. Subscribes to the pool once for all watchers: with the first watcher, until the last one leaves. Only its
 * sampler runs from `start` to `close`: a window of an hour must have begun an hour before somebody looks at it.
 */
export class PoolFeed implements Feed {
  readonly #watchable: Watchable;
  readonly #terms: PoolFeedTerms;
  readonly #listeners = new Set<(record: Recorded) => void>();
  readonly #traces: Traces;
  readonly #rounds: SummaryRounds;
  readonly #sampler: Sampler;
  readonly #beats = new Beats((beat) => this.#tell(beat));
  /** Number of transitions so far. */
  #seq = 0;
  #subscriptions: readonly Subscription[] = [];

  constructor(watchable: Watchable, terms: PoolFeedTerms) {
    this.#watchable = watchable;
    this.#terms = terms;
    this.#traces = new Traces(watchable, terms.requests, (record) => this.#tell(record));
    this.#sampler = new Sampler(watchable);
    this.#rounds = new SummaryRounds(
      watchable,
      { of: (ci) => this.#extrasOf(ci), recent: () => this.#sampler.recentOfPool() },
      (record) => this.#tell(record),
    );
    // Reads the charts and the version now, so that the first watcher does not block the service.
    this.hello();
  }

  /** Starts to keep the windows of time. */
  start(): void {
    this.#sampler.start();
  }

  /** Stops to keep the windows of time. */
  close(): void {
    this.#sampler.stop();
  }

  hello(): Hello {
    const { state: pool, incidents } = this.#watchable;
    return helloOf({ pool, incidents, cis: this.#watchable.cis.length, ...this.#terms });
  }

  *state(): Generator<Recorded> {
    const names = this.#watchable.cis;
    let next = 0;
    do {
      const isFirst = next === 0;
      const rows: CiRow[] = [];
      const startMs = performance.now();
      while (next < names.length && rows.length < CIS_A_PIECE && performance.now() - startMs < PIECE_MS) {
        const status = this.#watchable.status(names[next] as string);
        if (status !== undefined) rows.push(rowOf(status, 'with history', this.#extrasOf(status.ci)));
        next += 1;
      }
      this.#rounds.noteSent(rows);
      yield { t: 'cis', at: Date.now(), isFirst, rows, left: names.length - next };
    } while (next < names.length);
    yield { t: 'ready', at: Date.now() };
  }

  subscribe(onRecord: (record: Recorded) => void): () => void {
    // A new function each time: a caller can subscribe the same function twice.
    const listener = (record: Recorded): void => onRecord(record);
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#open();
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#close();
    };
  }

  trace(connection: string, wish: 'on' | 'off'): 'unknown' | 'too many' | 'nobody watches' | undefined {
    if (wish === 'on' && this.#listeners.size === 0) return 'nobody watches';
    if (wish === 'on') return this.#traces.begin(connection);
    this.#traces.end(connection, 'asked for');
    return undefined;
  }

  intervene(what: Intervention): boolean {
    return this.#watchable.intervene(what);
  }

  #extrasOf(ci: string): RowExtras {
    return {
      seq: this.#seq,
      downSince: this.#watchable.load(ci)?.downSince,
      unansweredSince: this.#sampler.unansweredSince(ci),
      recent: this.#sampler.recent(ci),
    };
  }

  #open(): void {
    const { states$, incident$ } = this.#watchable;
    this.#subscriptions = [
      states$.subscribe((change) => {
        this.#seq += 1;
        this.#tell({ t: 'transition', seq: this.#seq, ...change });
        if (change.to === 'closed') this.#traces.end(change.connection, 'the connection is gone');
      }),
      incident$.subscribe((incident) => this.#tell({ t: 'incident', ...incident })),
    ];
    this.#rounds.start();
    this.#beats.start();
  }

  #close(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.#subscriptions = [];
    this.#rounds.stop();
    this.#beats.stop();
    this.#traces.endAll();
  }

  #tell(record: Recorded): void {
    for (const listener of this.#listeners) listener(record);
  }
}
