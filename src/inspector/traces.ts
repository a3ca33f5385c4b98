import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { Watchable } from '../observe/watchable.js';
import type { Recorded, TraceEnded } from './records.js';
import { traceRecordOf } from './trace-record-of.js';

/** Connections that are traced at once. */
const MOST_TRACED = 20;
/** A trace that nobody ended, in ms: what is forgotten must not run for ever. */
const LONGEST_MS = 300_000;

interface Trace {
  readonly untap: () => void;
  readonly timer: NodeJS.Timeout;
}

/** The connections of which every event is told: few, and not for ever. */
export class Traces {
  readonly #watchable: Watchable;
  readonly #tell: (record: Recorded) => void;
  readonly #traces = new Map<string, Trace>();
  #seq = 0;

  constructor(watchable: Watchable, tell: (record: Recorded) => void) {
    this.#watchable = watchable;
    this.#tell = tell;
  }

  get size(): number {
    return this.#traces.size;
  }

  begin(connection: string): 'unknown' | 'too many' | undefined {
    if (this.#traces.has(connection)) return undefined;
    if (this.#traces.size >= MOST_TRACED) return 'too many';
    const untap = this.#watchable.tap(connection, (event) => this.#inspected(connection, event));
    if (untap === undefined) return 'unknown';
    const timer = setTimeout(() => this.end(connection, 'time is over'), LONGEST_MS).unref();
    this.#traces.set(connection, { untap, timer });
    return undefined;
  }

  end(connection: string, why: TraceEnded['why']): void {
    const trace = this.#traces.get(connection);
    if (trace === undefined) return;
    this.#traces.delete(connection);
    clearTimeout(trace.timer);
    trace.untap();
    this.#tell({ t: 'trace-ended', at: Date.now(), root: connection, why });
  }

  endAll(): void {
    for (const connection of [...this.#traces.keys()]) this.end(connection, 'asked for');
  }

  #inspected(root: string, event: InspectionEvent): void {
    this.#seq += 1;
    const record = traceRecordOf(root, this.#seq, event as InspectionEvent & { readonly actorRef: AnyActorRef });
    if (record !== undefined) this.#tell(record);
  }
}
