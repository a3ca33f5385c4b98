import type { ConnectionState } from '../contract/index.js';
import type { Watchable } from '../observe/watchable.js';
import type { CiRow, Recorded } from './records.js';
import { rowOf } from './row-of.js';

const ROUND_MS = 1_000;
/** CIs that are looked at in one turn of the event loop. */
const CIS_A_TURN = 50;

/**
 * Goes round all CIs about once a second, a few a turn so that it holds up nobody, and tells of those of which something
 * changed, of those that are gone, and of the whole.
 */
export class SummaryRounds {
  readonly #watchable: Watchable;
  readonly #tell: (record: Recorded) => void;
  /** What was told last of each CI, in short. */
  #told = new Map<string, string>();
  /** The CIs of the first state, until the first round. */
  #first: ReadonlySet<string> = new Set();
  #ended = 0;
  #lastAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(watchable: Watchable, tell: (record: Recorded) => void) {
    this.#watchable = watchable;
    this.#tell = tell;
  }

  start(): void {
    this.#lastAt = Date.now();
    this.#ended = Number.NaN;
    this.#first = new Set(this.#watchable.cis);
    // The first state is on its way: what it says need not be said again.
    this.#timer = setTimeout(() => this.#begin(), ROUND_MS).unref();
  }

  /**
   * Somebody was told of these. As the first state they need no round; but one who comes later, or asks once, is told of newer
   * things than the others know, which must still be told to them: news, and CIs that are new.
   */
  noteTold(rows: readonly CiRow[]): void {
    for (const row of rows) {
      if (this.#first.has(row.ci) && !this.#told.has(row.ci)) this.#told.set(row.ci, briefOf(row));
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    clearImmediate(this.#turn);
    this.#first = new Set();
    this.#told = new Map();
  }

  #begin(): void {
    this.#first = new Set();
    const round = new Round(this.#watchable, this.#told);
    const go = (): void => {
      if (!round.look(CIS_A_TURN)) {
        this.#turn = setImmediate(go).unref();
        return;
      }
      this.#finish(round);
      this.#timer = setTimeout(() => this.#begin(), ROUND_MS).unref();
    };
    go();
  }

  #finish(round: Round): void {
    const at = Date.now();
    for (const ci of round.gone()) this.#tell({ t: 'gone', at, ci });
    const seconds = Math.max(at - this.#lastAt, 1) / 1_000;
    // Nothing is known of the time before the first round.
    const perSecond = Number.isNaN(this.#ended) ? 0 : Math.max(0, Math.round((round.ended - this.#ended) / seconds));
    this.#ended = round.ended;
    this.#lastAt = at;
    this.#tell({ t: 'summary', at, pool: this.#watchable.state, perSecond, ...round.summary() });
  }
}

/** One round. */
class Round {
  readonly #watchable: Watchable;
  readonly #told: Map<string, string>;
  readonly #names: readonly string[];
  readonly #rows: CiRow[] = [];
  readonly #medians: number[] = [];
  readonly #states: Record<ConnectionState, number> = {
    idle: 0,
    connecting: 0,
    healthy: 0,
    degraded: 0,
    reconnecting: 0,
    closed: 0,
  };
  #next = 0;
  #inFlight = 0;
  #waiting = 0;
  #p99 = 0;
  /** Requests that have ended so far, of all CIs. */
  ended = 0;

  constructor(watchable: Watchable, told: Map<string, string>) {
    this.#watchable = watchable;
    this.#told = told;
    this.#names = watchable.cis;
  }

  /** Looks at some more; returns true once all were looked at. */
  look(most: number): boolean {
    const end = Math.min(this.#next + most, this.#names.length);
    for (; this.#next < end; this.#next += 1) {
      const status = this.#watchable.status(this.#names[this.#next] as string);
      if (status !== undefined) this.#take(rowOf(status, 'without'));
    }
    return this.#next === this.#names.length;
  }

  /** Those that were there in the round before, and are no more. */
  gone(): string[] {
    const present = new Set(this.#names);
    const gone = [...this.#told.keys()].filter((name) => !present.has(name));
    for (const name of gone) this.#told.delete(name);
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
    const brief = briefOf(row);
    if (this.#told.get(row.ci) !== brief) {
      this.#told.set(row.ci, brief);
      this.#rows.push(row);
    }
    for (const { state } of row.connections) this.#states[state] += 1;
    this.#inFlight += row.inFlight;
    this.#waiting += row.waiting;
    this.ended += row.succeeded + row.failed + row.cancelled;
    if (row.succeeded > 0) this.#medians.push(row.p50);
    this.#p99 = Math.max(this.#p99, row.p99);
  }
}

/** What differs when a row does: all that it counts, without the cost of writing it down whole. */
function briefOf(row: CiRow): string {
  const { state, since, attempt, inFlight, waiting, requests, succeeded, failed, cancelled, connects, retired } = row;
  let brief = `${state} ${since} ${attempt} ${inFlight} ${waiting} ${requests} ${succeeded} ${failed} ${cancelled} ${connects} ${retired}`;
  brief += ` ${row.late} ${row.duplicates} ${row.unsolicited} ${row.lastError?.at ?? ''}`;
  for (const one of row.connections) {
    brief += ` ${one.connection} ${one.state} ${one.inFlight} ${one.tombstones} ${one.manner} ${one.isRetiring}`;
  }
  return brief;
}
