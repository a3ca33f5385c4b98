import { signal } from '@preact/signals';
import type {
  Beat,
  CiRow,
  CisPart,
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
import { Bounded, remember } from './bounded.js';
import { KnownCi } from './known-ci.js';
import { Pasts } from './pasts.js';

/** A blocked event loop above this time is reported, in ms. */
const BLOCKED_MS = 200;
/** Most actors of other programs, and most state values of traced machines. The oldest are dropped. */
const MOST_ACTORS = 5_000;

/**
 * Combines all records into the state that the page shows. Views read it, and render again when `version` changes.
 *
 * All that it keeps is bounded: one row for each CI of the pool, the histories (see {@link Pasts}), 20,000 transitions,
 * 5,000 trace records, 3,600 summaries (an hour), 500 incidents, and 5,000 actors, state
 * values and contexts each.
 */
export class Model {
  readonly version = signal(0);
  hello: Hello | undefined;
  pool: Hello['pool'] = 'running';
  /** The service's time of the newest record. */
  at = 0;
  /** True once the whole state has arrived. Until then, numbers of CIs are incomplete. */
  isReady = false;
  /** Number of CIs that the whole state will contain. */
  expected = 0;
  dropped = 0;
  /** When another process answered for the first time under the same address; `undefined` before that. */
  restartedAt: number | undefined;
  /** The newest beat that reports a blocked event loop. */
  blocked: Beat | undefined;
  summary: Summary | undefined;
  readonly cis = new Map<string, CiRow>();
  readonly #pasts = new Pasts();
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
  readonly #known = new Map<string, KnownCi>();
  /** The CIs that the current whole state has named so far; the others go once it is complete. */
  readonly #named = new Set<string>();

  /** The last transitions of each connection, oldest first. */
  get histories(): ReadonlyMap<string, readonly PastTransition[]> {
    return this.#pasts.all;
  }

  /** Number of CIs of the whole state that have arrived. */
  get loaded(): number {
    return this.#named.size;
  }

  /** Applies records in their order, and notifies the views once. */
  apply(records: readonly Recorded[]): void {
    for (const record of records) {
      // Another process starts afresh, also with its time.
      if (record.t === 'hello') this.#greet(record);
      this.at = Math.max(this.at, record.at);
      this.#fold(record);
    }
    this.version.value += 1;
  }

  /** Clears the model. */
  clear(): void {
    this.hello = undefined;
    this.isReady = false;
    this.expected = 0;
    this.dropped = 0;
    this.at = 0;
    this.restartedAt = undefined;
    this.blocked = undefined;
    this.summary = undefined;
    for (const map of [this.cis, this.actors, this.values, this.contexts, this.#known, this.#named, this.#pasts])
      map.clear();
    for (const list of [this.transitions, this.traces, this.summaries, this.incidents]) list.clear();
  }

  /** Returns all connections, each with its CI. */
  connections(): { readonly ci: CiRow; readonly connection: ConnectionRow }[] {
    return [...this.cis.values()].flatMap((ci) => ci.connections.map((connection) => ({ ci, connection })));
  }

  /** Returns the transitions that are newer than their CIs' rows, in their order. */
  moves(): Transition[] {
    return [...this.#known.values()].flatMap(({ moves }) => moves).sort((a, b) => a.seq - b.seq);
  }

  #fold(record: Recorded): void {
    switch (record.t) {
      case 'cis':
        return this.#state(record);
      case 'ready':
        return this.#ready();
      case 'gone':
        return this.#forget(record.ci);
      case 'transition':
        return this.#move(record);
      case 'summary':
        return this.#sum(record);
      case 'beat':
        if (record.lagMs > BLOCKED_MS) this.blocked = record;
        return;
      case 'trace':
        return this.#trace(record);
      case 'dropped':
        this.dropped += record.count;
        return;
      case 'incident':
        this.incidents.push(record);
        return;
      case 'actor':
        remember(this.actors, `${record.session} ${record.actor}`, record, MOST_ACTORS);
        this.#know(`${record.session} ${record.actor}`, record);
        return;
      case 'hello':
      case 'trace-ended':
        return;
    }
  }

  #greet(hello: Hello): void {
    const isOther = this.hello !== undefined && this.hello.instance !== hello.instance;
    if (isOther) {
      this.clear();
      this.restartedAt = hello.at;
    }
    this.hello = hello;
    this.pool = hello.pool;
    this.expected = hello.cis;
    this.isReady = false;
    // Each stream counts its transitions on its own. The rows stay visible until the whole state has arrived.
    for (const known of this.#known.values()) known.restart();
    this.#pasts.restart();
    this.#named.clear();
    if (this.incidents.length > 0) return;
    for (const incident of hello.incidents) this.incidents.push({ t: 'incident', ...incident });
  }

  #state({ rows, isFirst, left }: CisPart): void {
    if (isFirst) {
      this.#named.clear();
      this.isReady = false;
    }
    for (const row of rows) {
      const known = this.#knownOf(row.ci);
      known.state(row);
      this.#show(row.ci, known);
      for (const { connection, history } of row.connections)
        if (history !== undefined) this.#pasts.take(connection, history, row.seq);
    }
    this.expected = this.#named.size + left;
  }

  #ready(): void {
    for (const ci of [...this.cis.keys()]) if (!this.#named.has(ci)) this.#forget(ci);
    // Transitions of CIs that were removed before their first row.
    for (const ci of [...this.#known.keys()]) if (!this.#named.has(ci)) this.#known.delete(ci);
    this.isReady = true;
  }

  #forget(name: string): void {
    for (const { connection } of this.cis.get(name)?.connections ?? []) this.#pasts.forget(connection);
    this.cis.delete(name);
    this.#known.delete(name);
    this.#named.delete(name);
  }

  #sum(summary: Summary): void {
    this.summary = summary;
    this.pool = summary.pool;
    this.summaries.push({ ...summary, rows: [] });
    for (const change of summary.rows) {
      const known = this.#knownOf(change.ci);
      known.change(change);
      this.#show(change.ci, known);
    }
  }

  #show(ci: string, { row }: KnownCi): void {
    if (row === undefined) return;
    this.#named.add(ci);
    this.cis.set(ci, row);
  }

  #move(transition: Transition): void {
    const { t: _, seq, ci, connection, ...past } = transition;
    this.transitions.push(transition);
    this.#pasts.push(connection, past, seq);
    const known = this.#knownOf(ci);
    known.move(transition);
    if (known.row !== undefined) this.cis.set(ci, known.row);
  }

  #trace(record: TraceRecord): void {
    if (record.kind === 'state') this.#know(`${record.root} ${record.to}`, record);
    this.traces.push(record);
  }

  #know(key: string, { value, context }: Pick<TraceRecord, 'value' | 'context'>): void {
    if (value !== undefined) remember(this.values, key, value, MOST_ACTORS);
    if (context !== undefined) remember(this.contexts, key, context, MOST_ACTORS);
  }

  #knownOf(ci: string): KnownCi {
    const known = this.#known.get(ci) ?? new KnownCi();
    this.#known.set(ci, known);
    return known;
  }
}
