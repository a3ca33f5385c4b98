import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { guarded } from './guarded.js';

/** Subscribes observers to channels by name. Returns a function that unsubscribes them all. */
export function subscribeAll<T>(observers: Readonly<Record<string, (message: T) => void>>): () => void {
  const subscribed = Object.entries(observers).map(([channel, observer]) => {
    const own = guarded((message: unknown) => observer(message as T));
    subscribe(channel, own);
    return () => unsubscribe(channel, own);
  });
  return () => {
    for (const leave of subscribed) leave();
  };
}
