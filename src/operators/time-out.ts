import type { Subscriber, Subscription } from 'rxjs';
import { missed, type Phase } from '../errors/index.js';

/** The phases that an operator can bound. */
type BoundedPhase = Extract<Phase, 'first chunk' | 'idle' | 'total'>;

/**
 * Lets the source go, and only then errors with `deadline_exceeded`: whoever subscribes again at once finds it released.
 *
 * The delivery is `maybe_sent`, because an operator cannot know how far the request had come.
 *
 * @internal
 */
export function timeOut(source: Subscription, subscriber: Subscriber<unknown>, phase: BoundedPhase, ms: number): void {
  try {
    source.unsubscribe();
  } finally {
    // Also when a teardown of the source throws, which is a bug and surfaces as one: the subscriber must see its end.
    subscriber.error(missed(phase, ms));
  }
}
