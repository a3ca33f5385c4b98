import { catchError, map, Observable, of } from 'rxjs';
import type { Chunk, Outcome, Reply } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';

/** One CI's part of a broadcast: its outcome as soon as it is there. Never an error. */
export function outcomeOf(ci: string, reply$: Observable<Reply>): Observable<Outcome> {
  return reply$.pipe(
    map((reply): Outcome => ({ ci, ok: true, reply })),
    catchError((error: ChoragusError) => of<Outcome>({ ci, ok: false, error })),
  );
}

/** One CI's part of a streamed broadcast: its chunks as they come, then its outcome. Never an error. */
export function chunksAndOutcomeOf(
  ci: string,
  open: (onWhole: (reply: Reply) => void) => Observable<Chunk>,
): Observable<Chunk | Outcome> {
  let whole: Reply | undefined;
  const chunks$ = open((reply) => {
    whole = reply;
  });
  return new Observable((subscriber) =>
    chunks$.subscribe({
      next: (chunk) => subscriber.next(chunk),
      error: (error: ChoragusError) => {
        subscriber.next({ ci, ok: false, error });
        subscriber.complete();
      },
      complete: () => {
        subscriber.next({ ci, ok: true, reply: whole as Reply });
        subscriber.complete();
      },
    }),
  );
}
