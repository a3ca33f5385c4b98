import type { ConnectionState } from '../../contract/index.js';
import type { Watchable } from '../../observe/watchable.js';
import { changesOf, type RowExtras, rowOf } from './ci-row.js';
import type { Counter } from './counter.js';
import type { CiChange, CiRow, Recorded, Summary } from './records.js';

/** What the rounds report besides the statuses of the CIs. */
export interface SummaryExtras {
  /** Returns what the row of a CI says besides its status. */
  of(ci: string): RowExtras;
  /** Returns the windows of all CIs. */
  recent(): Summary['recent'];
}

const ROUND_MS = 1_000;
/** A round takes at most 1/50 of the time. Above about 1,000 busy CIs, rounds become less frequent, down to one in 10 s. */
const SHARE = 50;
const LONGEST_ROUND_MS = 10_000;
/** Limits for one turn of the event loop: number of CIs, and time in ms. */
const CIS_A_TURN = 50;
const TURN_MS = 2;

/**
 * Compares all CIs with their last rows about once a second, and reports changed CIs, removed CIs and a summary. Reads a few CIs in each
 * turn of the event loop, and uses at most 1/50 of a core, as long as that lets it run each 10 s: with many CIs it runs less often.
 */
export class SummaryRounds {
  readonly #watchable: Watchable;
  readonly #counter: Counter;
  readonly #extras: SummaryExtras;
  readonly #tell: (record: Recorded) => void;
  /** The last row that was sent for each CI. */
  #known = new Map<string, CiRow>();
  /** The CIs of the first state, until the first round. */
  #first: ReadonlySet<string> = new Set();
  /** The CIs of which a later watcher has another row than the others, or none. The next round sends them whole. */
  readonly #unequal = new Set<string>();
  #ended = 0;
  #lastAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(watchable: Watchable, counter: Counter, extras: SummaryExtras, tell: (record: Recorded) => void) {
    this.#watchable = watchable;
    this.#counter = counter;
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
   * rows than the others: the next round must report those to all, also if they have changed back until then.
   */
  noteSent(rows: readonly CiRow[]): void {
    // Nobody watches: a script requests a snapshot.
    if (this.#timer === undefined) return;
    for (const row of rows.map(withoutPast)) {
      const known = this.#known.get(row.ci);
      if (known === undefined && this.#first.has(row.ci)) this.#known.set(row.ci, row);
      else if (changesOf(known, row) !== undefined) this.#unequal.add(row.ci);
    }
  }

  /** Notes the names in a whole state: its watcher has no row of the other CIs. If one is added again, it needs a whole row. */
  noteLeftOut(names: readonly string[]): void {
    const included = new Set(names);
    for (const ci of this.#known.keys()) if (!included.has(ci)) this.#unequal.add(ci);
  }

  /** Notes a CI that was removed before the whole state reached it. */
  noteMissing(ci: string): void {
    if (this.#known.has(ci)) this.#unequal.add(ci);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    clearImmediate(this.#turn);
    this.#first = new Set();
    this.#known = new Map();
    this.#unequal.clear();
  }

  #begin(): void {
    this.#first = new Set();
    const names = this.#watchable.cis;
    this.#removeOthers(names);
    const round = new Round(this.#watchable, names, this.#known, this.#unequal, this.#extras);
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
      const waitMs = Math.min(Math.max(ROUND_MS, tookMs * SHARE), LONGEST_ROUND_MS);
      this.#timer = setTimeout(() => this.#begin(), waitMs).unref();
    };
    go();
  }

  /** Reports the CIs that were removed since the last round. One that is added again from now on gets a newer row. */
  #removeOthers(names: readonly string[]): void {
    const present = new Set(names);
    for (const ci of new Set([...this.#known.keys(), ...this.#unequal])) {
      if (present.has(ci)) continue;
      this.#known.delete(ci);
      this.#unequal.delete(ci);
      this.#tell({ t: 'gone', at: Date.now(), seq: this.#counter.next(), ci });
    }
  }

  #finish(round: Round): void {
    const at = Date.now();
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
  readonly #unequal: Set<string>;
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

  constructor(
    watchable: Watchable,
    names: readonly string[],
    told: Map<string, CiRow>,
    unequal: Set<string>,
    extras: SummaryExtras,
  ) {
    this.#watchable = watchable;
    this.#names = names;
    this.#extras = extras;
    this.#known = told;
    this.#unequal = unequal;
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
    const changes = changesOf(this.#unequal.delete(row.ci) ? undefined : this.#known.get(row.ci), row);
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
