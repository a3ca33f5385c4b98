import { defer, Observable, Subscription } from 'rxjs';
import { fromEventObservable } from 'xstate';
import type { ConnectionEvent } from '../../machines/index.js';
import type { Channel } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';

/** What the link actor needs of its connection. */
export interface LinkPort {
  /**
   * Calls `start` when one more dial is allowed, at once or later, with the function that ends the dial. Returns a
   * function that cancels. Both are idempotent.
   */
  permit(start: (dialled: () => void) => void): () => void;
  dial(): Observable<Channel>;
  /** Reports that the link is up: the channel takes requests. */
  attach(channel: Channel): void;
  /**
   * Reports that the link failed: the channel takes no more requests. Calls `tell` with the loss, now or in a later
   * turn of the event loop, because many links can be lost at once.
   */
  losing(error: ChoragusError, tell: (loss: Extract<ConnectionEvent, { type: 'link.lost' }>) => void): void;
  /** Reports a failure that is a bug, of the transport or this library. */
  crashed(error: unknown): void;
  /** Reports that the socket is closed: requests in flight fail. */
  detach(): void;
}

/**
 * Returns the actor that owns a socket. The connection's `linked` state invokes it, so leaving the state closes the
 * socket, even during a dial. It is an observable: the late result of a stopped promise would leak the socket.
 */
export function linkLogic(portOf: (connection: string) => LinkPort) {
  return fromEventObservable<ConnectionEvent, { readonly connection: string }>(({ input }) =>
    link(portOf(input.connection)),
  );
}

function link(port: LinkPort): Observable<ConnectionEvent> {
  return new Observable<ConnectionEvent>((subscriber) => {
    // Holds the subscription even if subscribing itself ends this actor.
    const dialling = new Subscription();
    let permission = 'requested' as 'requested' | 'awaited' | 'given';
    const start = (dialled: () => void): void => {
      if (permission === 'awaited') subscriber.next({ type: 'link.dialling' });
      permission = 'given';
      if (dialling.closed) return;
      const channels = defer(() => port.dial()).subscribe({
        next: (channel) => {
          dialled();
          port.attach(channel);
          subscriber.next({ type: 'link.up' });
        },
        error: (error: unknown) => {
          if (error instanceof ChoragusError) return port.losing(error, (loss) => subscriber.next(loss));
          // A bug is not wrapped: it crashes this actor, and the supervisor counts it.
          port.crashed(error);
          subscriber.error(error);
        },
      });
      dialling.add(channels);
    };
    const cancel = port.permit(start);
    // No event if permission is given at once, which is the normal case: an event costs as much as ten requests.
    if (permission !== 'given') {
      permission = 'awaited';
      subscriber.next({ type: 'link.queued' });
    }
    return () => {
      // Closes the socket first: returning the permission may start the next dial at once.
      dialling.unsubscribe();
      cancel();
      port.detach();
    };
  });
}
