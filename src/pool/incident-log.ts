import { Subject } from 'rxjs';
import type { Incident } from '../contract/index.js';

/** Incidents that are remembered. */
const MOST_REMEMBERED = 100;

/** Characters of a line that an incident shows. */
const MOST_SHOWN = 200;

/** What the supervisor saw and did: the last of it, and all of it as it happens. */
export class IncidentLog {
  readonly #incidents = new Subject<Incident>();
  readonly incident$ = this.#incidents.asObservable();
  /** Oldest first. */
  last: readonly Incident[] = [];

  note(kind: Incident['kind'], ci: string, line?: string): void {
    const incident = { kind, ci, at: Date.now(), ...(line === undefined ? {} : { line: line.slice(0, MOST_SHOWN) }) };
    this.last = [...this.last.slice(1 - MOST_REMEMBERED), incident];
    this.#incidents.next(incident);
  }

  complete(): void {
    this.#incidents.complete();
  }
}
