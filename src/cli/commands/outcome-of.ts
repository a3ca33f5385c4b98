import { catchError, map, type Observable, of } from 'rxjs';
import type { Outcome, Reply } from '../../contract/index.js';
import { ChoragusError } from '../../errors/index.js';

/** Turns one CI's reply, or its failure, into an outcome. An exception of another kind is a bug, and passes. */
export function outcomeOf(ci: string, reply$: Observable<Reply>): Observable<Outcome> {
  return reply$.pipe(
    map((reply): Outcome => ({ ci, ok: true, reply })),
    catchError((error: unknown) => {
      if (error instanceof ChoragusError) return of<Outcome>({ ci, ok: false, error });
      throw error;
    }),
  );
}
