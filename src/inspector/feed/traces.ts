import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { Exchange } from '../../contract/index.js';
import type { Watchable } from '../../observe/watchable.js';
import { Allowance } from './allowance.js';
import type { Hello, Recorded, TraceEnded } from './records.js';
import { exchangeRecordOf, traceRecordOf } from './trace-record-of.js';

/** Most connections that are traced at once. */
const MOST_TRACED = 20;
/** Longest trace, in ms: a forgotten trace must not run for ever. */
const LONGEST_MS = 300_000;
/** Most records of requests each second for one connection: a connection can have 100,000 requests a second. */
const MOST_EXCHANGES = 100;

interface Trace {
  readonly untaps: readonly (() => void)[];
  readonly timer: NodeJS.Timeout;
}

/** Traces a few connections for a limited time: records every event and, with the option `sizes`, each request's size. */
export class Traces {
  readonly #watchable: Watchable;
  readonly #requests: Hello['requests'];
  readonly #tell: (record: Recorded) => void;
  readonly #traces = new Map<string, Trace>();
  #seq = 0;

  constructor(watchable: Watchable, requests: Hello['requests'], tell: (record: Recorded) => void) {
    this.#watchable = watchable;
    this.#requests = requests;
    this.#tell = tell;
  }

  get size(): number {
    return this.#traces.size;
  }

  begin(connection: string): 'unknown' | 'too many' | undefined {
    if (this.#traces.has(connection)) return undefined;
    if (this.#traces.size >= MOST_TRACED) return 'too many';
    // The tap replays the present actors before it returns: they did not start now.
    let isReplay = true;
    const untap = this.#watchable.tap(connection, (event) => this.#inspected(connection, event, isReplay));
    isReplay = false;
    if (untap === undefined) return 'unknown';
    const timer = setTimeout(() => this.end(connection, 'time is over'), LONGEST_MS).unref();
    this.#traces.set(connection, { untaps: [untap, ...this.#tapExchanges(connection)], timer });
    return undefined;
  }

  end(connection: string, why: TraceEnded['why']): void {
    const trace = this.#traces.get(connection);
    if (trace === undefined) return;
    this.#traces.delete(connection);
    clearTimeout(trace.timer);
    for (const untap of trace.untaps) untap();
    this.#tell({ t: 'trace-ended', at: Date.now(), root: connection, why });
  }

  endAll(): void {
    for (const connection of [...this.#traces.keys()]) this.end(connection, 'asked for');
  }

  #tapExchanges(connection: string): (() => void)[] {
    if (this.#requests === 'nothing') return [];
    const allowance = new Allowance(MOST_EXCHANGES);
    const untap = this.#watchable.tapExchanges(connection, (exchange) =>
      this.#exchanged(connection, exchange, allowance),
    );
    return untap === undefined ? [] : [untap];
  }

  #exchanged(root: string, exchange: Exchange, allowance: Allowance): void {
    if (!allowance.take()) return;
    this.#seq += 1;
    this.#tell(exchangeRecordOf(root, this.#seq, exchange, allowance.takeRefused()));
  }

  #inspected(root: string, event: InspectionEvent, isReplay: boolean): void {
    if (isReplay && event.type === '@xstate.actor') return;
    this.#seq += 1;
    const record = traceRecordOf(root, this.#seq, event as InspectionEvent & { readonly actorRef: AnyActorRef });
    if (record !== undefined) this.#tell(isReplay ? { ...record, isInitial: true } : record);
  }
}
