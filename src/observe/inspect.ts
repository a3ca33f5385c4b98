import type { InspectionEvent } from 'xstate';
import type { InspectionObserver, Logger } from '../contract/index.js';

/** What actors tell, as xstate's `inspect` option takes it. */
export type Inspect = (event: InspectionEvent) => void;

/**
 * A user's inspection observer, made safe: what it throws would break the actor that it watches. It is told of once, and
 * called on.
 *
 * The one place that knows xstate's inspection by name.
 */
export function guardInspection(observer: InspectionObserver, logger: Logger): Inspect {
  const next = typeof observer === 'function' ? observer : observer.next?.bind(observer);
  let isToldOf = false;
  return (event) => {
    try {
      next?.(event);
    } catch (error) {
      if (isToldOf) return;
      isToldOf = true;
      const kind = error instanceof Error ? error.constructor.name : typeof error;
      logger.warn({ kind }, 'the inspection observer throws');
    }
  };
}
