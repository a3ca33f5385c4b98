import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { InspectionObserver, Logger } from '../contract/index.js';

/** Receives inspection events, as xstate's `inspect` option does. */
export type Inspect = (event: InspectionEvent) => void;

/** Returns a user's inspection observer as a function that never throws. */
export function guardInspection(observer: InspectionObserver, logger: Logger): Inspect {
  const next = typeof observer === 'function' ? observer : observer.next?.bind(observer);
  return guard((event: InspectionEvent) => next?.(event), logger);
}

/**
 * Returns an observer that never throws, because an exception would break the observed actor. Logs its first exception,
 * then keeps calling it.
 */
export function guard<E>(observer: (event: E) => void, logger: Logger): (event: E) => void {
  let hasLogged = false;
  return (event) => {
    try {
      observer(event);
    } catch (error) {
      if (hasLogged) return;
      hasLogged = true;
      const kind = error instanceof Error ? error.constructor.name : typeof error;
      logger.warn({ kind }, 'the inspection observer throws');
    }
  };
}

/**
 * Reports what an actor and its children do to `observer`, until the returned function is called. Replays the current
 * actors and their snapshots as initial events.
 */
export function tapActor(actor: AnyActorRef, observer: Inspect): () => void {
  const rootId = actor.sessionId;
  const snapshot = actor.getSnapshot();
  for (const ref of [actor, ...Object.values<AnyActorRef>(snapshot.children)]) {
    observer({ type: '@xstate.actor', rootId, actorRef: ref });
  }
  observer({ type: '@xstate.snapshot', rootId, actorRef: actor, event: { type: 'xstate.init' }, snapshot });
  const subscription = actor.system.inspect(observer);
  return () => subscription.unsubscribe();
}
