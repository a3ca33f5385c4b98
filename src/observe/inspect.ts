import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { InspectionObserver, Logger } from '../contract/index.js';

/** What actors tell, as xstate's `inspect` option takes it. */
export type Inspect = (event: InspectionEvent) => void;

/**
 * A user's inspection observer, made safe.
 *
 * The one place that knows xstate's inspection by name.
 */
export function guardInspection(observer: InspectionObserver, logger: Logger): Inspect {
  const next = typeof observer === 'function' ? observer : observer.next?.bind(observer);
  return guard((event: InspectionEvent) => next?.(event), logger);
}

/** An observer that never throws: it would break whoever it watches. What it throws is told of once, and it is called on. */
export function guard<E>(observer: (event: E) => void, logger: Logger): (event: E) => void {
  let isToldOf = false;
  return (event) => {
    try {
      observer(event);
    } catch (error) {
      if (isToldOf) return;
      isToldOf = true;
      const kind = error instanceof Error ? error.constructor.name : typeof error;
      logger.warn({ kind }, 'the inspection observer throws');
    }
  };
}

/**
 * Has an observer told of what an actor and its children go through from now on, until the returned function is called. Who is
 * there is told at once, and the present state: as an actor's beginning, since that is what observers know how to read.
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
