import type { Subscriber, Subscription } from 'rxjs';
import { ChoragusError, type Phase } from '../errors/index.js';

/** The phases that an operator can bound. */
type BoundedPhase = Extract<Phase, 'first chunk' | 'idle' | 'total'>;

const misses: Readonly<Record<BoundedPhase, string>> = {
  'first chunk': 'no first value',
  idle: 'no further value',
  total: 'no end',
};

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
    const message = `${misses[phase]} within ${ms} ms`;
    subscriber.error(new ChoragusError('deadline_exceeded', message, { phase, delivery: 'maybe_sent' }));
  }
}
