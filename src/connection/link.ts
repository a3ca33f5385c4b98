import { defer, Observable, Subscription } from 'rxjs';
import { fromEventObservable } from 'xstate';
import type { ConnectionEvent, LinkRecord } from '../../machines/index.js';
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
   * The link is going, for this reason: nothing more may be handed to it. Calls `tell` at once or in a turn that has time for it, since many links
   * can be lost at one moment.
   */
  losing(error: ChoragusError, tell: (record: LinkRecord) => void): void;
  /** The link failed by a bug, its transport's or ours. */
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
    let leave = 'asked' as 'asked' | 'waited for' | 'given';
    const start = (dialled: () => void): void => {
      if (leave === 'waited for') subscriber.next({ type: 'link.dialling' });
      leave = 'given';
      if (dialling.closed) return;
      const channels = defer(() => port.dial()).subscribe({
        next: (channel) => {
          dialled();
          port.attach(channel);
          subscriber.next({ type: 'link.up' });
        },
        error: (error: unknown) => {
          if (error instanceof ChoragusError) {
            const tell = (record: LinkRecord) => subscriber.next({ type: 'link.lost', reason: error.code, ...record });
            return port.losing(error, tell);
          }
          // A bug is not wrapped: it crashes this actor, and the supervisor counts it.
          port.crashed(error);
          subscriber.error(error);
        },
      });
      dialling.add(channels);
    };
    const cancel = port.permit(start);
    // Nothing is said of leave that is given at once, as it nearly always is: an event costs as much as ten requests.
    if (leave !== 'given') {
      leave = 'waited for';
      subscriber.next({ type: 'link.queued' });
    }
    return () => {
      // The socket first: a permit that is given back may begin the next dial at once.
      dialling.unsubscribe();
      cancel();
      port.detach();
    };
  });
}
