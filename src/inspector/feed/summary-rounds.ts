import type { ConnectionState } from '../../contract/index.js';
import type { Watchable } from '../../observe/watchable.js';
import { changesOf, rowOf } from './ci-row.js';
import type { CiChange, CiRow, Recorded } from './records.js';

const ROUND_MS = 1_000;
/** Of so much time, a round may take one part: beyond some 500 busy CIs, rounds are less frequent. */
const SHARE = 120;
/** CIs that are looked at in one turn of the event loop, at most, and for how long, in ms. */
const CIS_A_TURN = 50;
const TURN_MS = 2;

/**
 * Goes round all CIs about once a second, or so often that it takes no more than a hundred-and-twentieth of a core, a few a turn so that it holds up nobody, and tells of those of which something
 * changed, of those that are gone, and of the whole.
 */
export class SummaryRounds {
  readonly #watchable: Watchable;
  readonly #tell: (record: Recorded) => void;
  /** What was told last of each CI. */
  #told = new Map<string, CiRow>();
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
      if (this.#first.has(row.ci) && !this.#told.has(row.ci)) this.#told.set(row.ci, withoutPast(row));
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
    let tookMs = 0;
    const go = (): void => {
      const startMs = performance.now();
      const isOver = round.look(CIS_A_TURN, startMs + TURN_MS);
      tookMs += performance.now() - startMs;
      if (!isOver) {
        this.#turn = setImmediate(go).unref();
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
  readonly #told: Map<string, CiRow>;
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
  /** Requests that have ended so far, of all CIs. */
  ended = 0;

  constructor(watchable: Watchable, told: Map<string, CiRow>) {
    this.#watchable = watchable;
    this.#told = told;
    this.#names = watchable.cis;
  }

  /** Looks at some more, until a time; returns true once all were looked at. */
  look(most: number, untilMs: number): boolean {
    const end = Math.min(this.#next + most, this.#names.length);
    for (; this.#next < end && performance.now() < untilMs; this.#next += 1) {
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
    const changes = changesOf(this.#told.get(row.ci), row);
    if (changes !== undefined) {
      this.#told.set(row.ci, row);
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

/** Rounds look at the present alone. */
function withoutPast(row: CiRow): CiRow {
  return { ...row, connections: row.connections.map(({ history: _, ...connection }) => connection) };
}
