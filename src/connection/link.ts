import { defer, Observable, Subscription } from 'rxjs';
import { fromEventObservable } from 'xstate';
import type { ConnectionEvent } from '../../machines/index.js';
import type { Channel } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';

/** What the link actor needs of the connection that it serves. */
export interface LinkPort {
  /** Calls `start` when one more dial is allowed, at once or later, with what ends the dial. Returns what cancels; both idempotent. */
  permit(start: (dialled: () => void) => void): () => void;
  dial(): Observable<Channel>;
  /** The link is up: from now on requests may be handed to the channel. */
  attach(channel: Channel): void;
  /**
   * The link failed: nothing more is handed to it. Calls `tell` with the loss, now or in a later turn of the event loop, since many
   * links can be lost at one moment.
   */
  losing(error: ChoragusError, tell: (loss: Extract<ConnectionEvent, { type: 'link.lost' }>) => void): void;
  /** The link failed because of a bug, its transport's or ours. */
  crashed(error: unknown): void;
  /** The link is gone, the socket closed: what was outstanding on it fails. */
  detach(): void;
}

/**
 * The actor that owns a socket: invoked by the connection's `linked` state, so that leaving the state closes the
 * socket, also mid-dial. An observable and not a promise, because the late result of a stopped promise would leak it.
 */
export function linkLogic(portOf: (connection: string) => LinkPort) {
  return fromEventObservable<ConnectionEvent, { readonly connection: string }>(({ input }) =>
    link(portOf(input.connection)),
  );
}

function link(port: LinkPort): Observable<ConnectionEvent> {
  return new Observable<ConnectionEvent>((subscriber) => {
    // Holds what is subscribed to also when this actor is ended from within that very subscribing.
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
    // No event for permission that is given at once, as it nearly always is: an event costs as much as ten requests.
    if (permission !== 'given') {
      permission = 'awaited';
      subscriber.next({ type: 'link.queued' });
    }
    return () => {
      // The socket first: a permission that is given back may begin the next dial at once.
      dialling.unsubscribe();
      cancel();
      port.detach();
    };
  });
}
