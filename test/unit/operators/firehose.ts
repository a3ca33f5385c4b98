import { Observable } from 'rxjs';

/** Emits 0, 1, 2, … synchronously until it is unsubscribed; `emitted` counts. Stops at 10,000, if nothing unsubscribes. */
export function firehose(): { readonly source: Observable<number>; readonly emitted: () => number } {
  let emitted = 0;
  const source = new Observable<number>((subscriber) => {
    while (!subscriber.closed && emitted < 10_000) {
      emitted += 1;
      subscriber.next(emitted - 1);
    }
  });
  return { source, emitted: () => emitted };
}
