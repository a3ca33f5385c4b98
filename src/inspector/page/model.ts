import { signal } from '@preact/signals';
import type {
  CiRow,
  ConnectionRow,
  ForeignActor,
  Hello,
  IncidentRecord,
  PastTransition,
  Recorded,
  Summary,
  TraceRecord,
  Transition,
} from '../feed/records.js';
import { Bounded } from './bounded.js';

/** Most past transitions of one connection. The page keeps more than the service. */
const MOST_HISTORY = 256;

/** Combines all records into the state that the page shows. Views read it, and render again when `version` changes. */
export class Model {
  readonly version = signal(0);
  hello: Hello | undefined;
  pool: Hello['pool'] = 'running';
  /** The time of the last record. */
  at = 0;
  isReady = false;
  dropped = 0;
  summary: Summary | undefined;
  readonly cis = new Map<string, CiRow>();
  readonly histories = new Map<string, PastTransition[]>();
  readonly transitions = new Bounded<Transition>(20_000);
  readonly traces = new Bounded<TraceRecord>(5_000);
  readonly summaries = new Bounded<Summary>(3_600);
  readonly incidents = new Bounded<IncidentRecord>(500);
  /** Actors of other programs, by session and actor. */
  readonly actors = new Map<string, ForeignActor>();
  /** State values of traced machines, by root and actor. */
  readonly values = new Map<string, unknown>();
  /** Contexts of other programs' machines, by session and actor. */
  readonly contexts = new Map<string, unknown>();

  /** Applies records in their order, and notifies the views once. */
  apply(records: readonly Recorded[]): void {
    for (const record of records) {
      this.at = Math.max(this.at, record.at);
      this.#fold(record);
    }
    this.version.value += 1;
  }

  /** Clears the model. */
  clear(): void {
    this.hello = undefined;
    this.isReady = false;
    this.dropped = 0;
    this.at = 0;
    this.summary = undefined;
    for (const map of [this.cis, this.histories, this.actors, this.values, this.contexts]) map.clear();
    for (const list of [this.transitions, this.traces, this.summaries, this.incidents]) list.clear();
  }

  /** Returns all connections, each with its CI. */
  connections(): { readonly ci: CiRow; readonly connection: ConnectionRow }[] {
    return [...this.cis.values()].flatMap((ci) => ci.connections.map((connection) => ({ ci, connection })));
  }

  #fold(record: Recorded): void {
    switch (record.t) {
      case 'hello':
        return this.#greet(record);
      case 'cis':
        return this.#take(record.rows, record.isFirst);
      case 'ready':
        this.isReady = true;
        return;
      case 'gone':
        return this.#forget(record.ci);
      case 'transition':
        return this.#move(record);
      case 'summary':
        return this.#sum(record);
      case 'trace':
        this.traces.push(record);
        if (record.kind === 'state') this.#know(`${record.root} ${record.to}`, record);
        return;
      case 'dropped':
        this.dropped += record.count;
        return;
      case 'incident':
        this.incidents.push(record);
        return;
      case 'actor':
        this.actors.set(`${record.session} ${record.actor}`, record);
        this.#know(`${record.session} ${record.actor}`, record);
        return;
      case 'beat':
      case 'trace-ended':
        return;
    }
  }

  #know(key: string, { value, context }: Pick<TraceRecord, 'value' | 'context'>): void {
    if (value !== undefined) this.values.set(key, value);
    if (context !== undefined) this.contexts.set(key, context);
  }

  #greet(hello: Hello): void {
    this.hello = hello;
    this.pool = hello.pool;
    if (this.incidents.length > 0) return;
    for (const incident of hello.incidents) this.incidents.push({ t: 'incident', ...incident });
  }

  #take(rows: readonly CiRow[], isFirst: boolean): void {
    if (isFirst) {
      this.cis.clear();
      this.histories.clear();
      this.isReady = false;
    }
    for (const row of rows) {
      this.cis.set(row.ci, row);
      for (const { connection, history } of row.connections) if (history) this.histories.set(connection, [...history]);
    }
  }

  #forget(name: string): void {
    for (const { connection } of this.cis.get(name)?.connections ?? []) this.histories.delete(connection);
    this.cis.delete(name);
  }

  #sum(summary: Summary): void {
    this.summary = summary;
    this.pool = summary.pool;
    this.summaries.push({ ...summary, rows: [] });
    // A row has only the changed fields; a new CI's row has all.
    for (const row of summary.rows) this.cis.set(row.ci, { ...this.cis.get(row.ci), ...row } as CiRow);
  }

  #move(transition: Transition): void {
    const { t: _, seq: __, ci, connection, ...past } = transition;
    this.transitions.push(transition);
    const history = this.histories.get(connection) ?? [];
    // The whole state can already contain a transition that arrived after it.
    if (history.some((known) => known.at === past.at && known.to === past.to)) return;
    this.histories.set(connection, [...history.slice(1 - MOST_HISTORY), past]);
    const row = this.cis.get(ci);
    if (row !== undefined) this.cis.set(ci, moved(row, connection, past));
  }
}

/** Returns a CI with a connection in its new state. The CI's own fields follow with the next summary. */
function moved(row: CiRow, name: string, { to, at, attempt, delayMs }: PastTransition): CiRow {
  if (to === 'closed') return { ...row, connections: row.connections.filter(({ connection }) => connection !== name) };
  const known = row.connections.find(({ connection }) => connection === name) ?? newConnection(name);
  const now = { ...known, state: to, since: at, attempt, delayMs };
  const isNew = !row.connections.some(({ connection }) => connection === name);
  const connections = isNew
    ? [...row.connections, now]
    : row.connections.map((one) => (one.connection === name ? now : one));
  return { ...row, connections, ...(connections.length === 1 ? { state: to, since: at, attempt } : {}) };
}

function newConnection(connection: string): ConnectionRow {
  return {
    connection,
    state: 'idle',
    since: 0,
    attempt: 0,
    delayMs: 0,
    inFlight: 0,
    abandoned: 0,
    correlation: 'ordered',
  };
}
