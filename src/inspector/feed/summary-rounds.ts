import type { ConnectionState } from '../../contract/index.js';
import type { Watchable } from '../../observe/watchable.js';
import { changesOf, type RowExtras, rowOf } from './ci-row.js';
import type { CiChange, CiRow, Recorded, Summary } from './records.js';

/** What the rounds report besides the statuses of the CIs. */
export interface SummaryExtras {
  /** Returns what the row of a CI says besides its status. */
  of(ci: string): RowExtras;
  /** Returns the windows of all CIs. */
  recent(): Summary['recent'];
}

const ROUND_MS = 1_000;
/** A round takes at most 1/120 of the time. Above about 500 busy CIs, rounds become less frequent. */
const SHARE = 120;
/** Limits for one turn of the event loop: number of CIs, and time in ms. */
const CIS_A_TURN = 50;
const TURN_MS = 2;

/**
 * Compares all CIs with their last rows about once a second, and reports changed CIs, removed CIs and a summary. Reads a few CIs in each
 * turn of the event loop, and uses at most 1/120 of a core: with many CIs it runs less often.
 */
export class SummaryRounds {
  readonly #watchable: Watchable;
  readonly #extras: SummaryExtras;
  readonly #tell: (record: Recorded) => void;
  /** The last row that was sent for each CI. */
  #known = new Map<string, CiRow>();
  /** The CIs of the first state, until the first round. */
  #first: ReadonlySet<string> = new Set();
  #ended = 0;
  #lastAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(watchable: Watchable, extras: SummaryExtras, tell: (record: Recorded) => void) {
    this.#watchable = watchable;
    this.#extras = extras;
    this.#tell = tell;
  }

  start(): void {
    this.#lastAt = Date.now();
    this.#ended = Number.NaN;
    this.#first = new Set(this.#watchable.cis);
    // The watcher receives the whole state first. A round before that would repeat it.
    this.#timer = setTimeout(() => this.#begin(), ROUND_MS).unref();
  }

  /**
   * Notes rows that a watcher received as the whole state. For the first watcher no round need repeat them. A later watcher receives newer
   * rows than the others: the next round must still report those to all.
   */
  noteSent(rows: readonly CiRow[]): void {
    for (const row of rows) {
      if (this.#first.has(row.ci) && !this.#known.has(row.ci)) this.#known.set(row.ci, withoutPast(row));
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    clearImmediate(this.#turn);
    this.#first = new Set();
    this.#known = new Map();
  }

  #begin(): void {
    this.#first = new Set();
    const round = new Round(this.#watchable, this.#known, this.#extras);
    let tookMs = 0;
    const go = (): void => {
      const startMs = performance.now();
      const isOver = round.look(CIS_A_TURN, startMs + TURN_MS);
      tookMs += performance.now() - startMs;
      if (!isOver) {
        // Not unref'd: the loop of a quiet process would not turn. The CIs of a round end it.
        this.#turn = setImmediate(go);
        return;
      }
      this.#finish(round);
      this.#timer = setTimeout(() => this.#begin(), Math.max(ROUND_MS, tookMs * SHARE)).unref();
    };
    go();
  }

  #finish(round: Round): void {
    const at = Date.now();
    for (const ci of round.gone()) this.#tell({ t: 'gone', at, ci });
    const seconds = Math.max(at - this.#lastAt, 1) / 1_000;
    // The count before the first round is unknown.
    const perSecond = Number.isNaN(this.#ended) ? 0 : Math.max(0, Math.round((round.ended - this.#ended) / seconds));
    this.#ended = round.ended;
    this.#lastAt = at;
    const recent = this.#extras.recent();
    this.#tell({
      t: 'summary',
      at,
      pool: this.#watchable.state,
      perSecond,
      ...round.summary(),
      ...(recent === undefined ? {} : { recent }),
    });
  }
}

/** Reads all CIs once. */
class Round {
  readonly #watchable: Watchable;
  readonly #extras: SummaryExtras;
  readonly #known: Map<string, CiRow>;
  readonly #names: readonly string[];
  readonly #rows: CiChange[] = [];
  readonly #medians: number[] = [];
  readonly #states: Record<ConnectionState, number> = {
    idle: 0,
    connecting: 0,
    healthy: 0,
    degraded: 0,
    retiring: 0,
    reconnecting: 0,
    closed: 0,
  };
  #next = 0;
  #inFlight = 0;
  #waiting = 0;
  #p99 = 0;
  /** Number of ended requests of all CIs. */
  ended = 0;

  constructor(watchable: Watchable, told: Map<string, CiRow>, extras: SummaryExtras) {
    this.#watchable = watchable;
    this.#extras = extras;
    this.#known = told;
    this.#names = watchable.cis;
  }

  /** Reads at most `most` more CIs, until a time. Returns true once all CIs are read. */
  look(most: number, untilMs: number): boolean {
    const end = Math.min(this.#next + most, this.#names.length);
    for (; this.#next < end && performance.now() < untilMs; this.#next += 1) {
      const status = this.#watchable.status(this.#names[this.#next] as string);
      if (status !== undefined) this.#take(rowOf(status, 'without', this.#extras.of(status.ci)));
    }
    return this.#next === this.#names.length;
  }

  /** Returns the CIs that were removed since the last round, and forgets them. */
  gone(): string[] {
    const present = new Set(this.#names);
    const gone = [...this.#known.keys()].filter((name) => !present.has(name));
    for (const name of gone) this.#known.delete(name);
    return gone;
  }

  summary() {
    const sorted = this.#medians.sort((a, b) => a - b);
    return {
      rows: this.#rows,
      states: this.#states,
      inFlight: this.#inFlight,
      waiting: this.#waiting,
      p50: sorted[Math.floor(sorted.length / 2)] ?? 0,
      p99: this.#p99,
    };
  }

  #take(row: CiRow): void {
    const changes = changesOf(this.#known.get(row.ci), row);
    if (changes !== undefined) {
      this.#known.set(row.ci, row);
      this.#rows.push(changes);
    }
    for (const { state } of row.connections) this.#states[state] += 1;
    this.#inFlight += row.inFlight;
    this.#waiting += row.waiting;
    this.ended += row.succeeded + row.failed + row.cancelled;
    if (row.succeeded > 0) this.#medians.push(row.p50);
    this.#p99 = Math.max(this.#p99, row.p99);
  }
}

/** Returns a row without the history of its connections, to compare it with the rows of a round. */
function withoutPast(row: CiRow): CiRow {
  return { ...row, connections: row.connections.map(({ history: _, ...connection }) => connection) };
}
