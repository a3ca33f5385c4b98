import { Subject } from 'rxjs';
import type { Incident } from '../contract/index.js';

/** Number of incidents that are kept. */
const MOST_REMEMBERED = 100;

/** How much of a line an incident shows, in characters. */
const MOST_SHOWN = 200;

/** The supervisor's incidents: the last ones, and each as it happens. */
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
