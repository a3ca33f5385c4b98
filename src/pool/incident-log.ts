import { Subject } from 'rxjs';
import type { Incident } from '../contract/index.js';

/** Incidents that are remembered. */
const MOST_REMEMBERED = 100;

/** What the supervisor saw and did: the last of it, and all of it as it happens. */
export class IncidentLog {
  readonly #incidents = new Subject<Incident>();
  readonly incident$ = this.#incidents.asObservable();
  /** Oldest first. */
  last: readonly Incident[] = [];

  note(kind: Incident['kind'], ci: string): void {
    const incident = { kind, ci, at: Date.now() };
    this.last = [...this.last.slice(1 - MOST_REMEMBERED), incident];
    this.#incidents.next(incident);
  }

  complete(): void {
    this.#incidents.complete();
  }
}
