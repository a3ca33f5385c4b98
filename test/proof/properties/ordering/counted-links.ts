import { Observable } from 'rxjs';
import type { Channel, Transport } from '../../../../src/index.js';

/** A wire that counts its open links: `changed` gets 1 and -1. */
export function countedLinks(wire: Transport, changed: (by: 1 | -1) => void): Transport {
  return {
    prepare: (target) => {
      const dial = wire.prepare(target);
      return (sink) =>
        new Observable<Channel>((subscriber) => {
          let isUp = false;
          subscriber.add(() => {
            if (isUp) changed(-1);
          });
          subscriber.add(
            dial(sink).subscribe({
              next: (channel) => {
                isUp = true;
                changed(1);
                subscriber.next(channel);
              },
              error: (error) => subscriber.error(error),
            }),
          );
        });
    },
  };
}
