import { asyncScheduler, type SchedulerAction, type Subscriber, type Subscription } from 'rxjs';
import { isTimeMs, MAX_TIMER_MS } from '../checks/index.js';
import { missed, type Phase, wrongArgument } from '../errors/index.js';

/**
 * Checks an operator's time when the operator is created, not when it is subscribed: a bad time is a bug in the calling
 * code.
 *
 * @throws ChoragusError `invalid_config`.
 * @internal
 */
export function checkMs(operator: string, ms: number): void {
  if (isTimeMs(ms)) return;
  throw wrongArgument(operator, 'ms', ms, `a number of milliseconds above 0, at most ${MAX_TIMER_MS}`);
}

/**
 * Calls `act` after `delayMs`, once everything that had arrived by then has been read.
 *
 * Node runs timers before it reads sockets. After the event loop was blocked, a timer would blame the source for values
 * that are already in the socket. So this waits one more turn of the loop, which takes a millisecond. In virtual time
 * it takes none, and a value of the same moment comes first.
 *
 * @internal
 */
export function scheduleAfterIo(act: () => void, delayMs: number): Subscription {
  function step(this: SchedulerAction<Step>, step?: Step): void {
    if (step === 'read') act();
    else this.schedule('read', 0);
  }
  return asyncScheduler.schedule<Step>(step, delayMs, 'wait');
}

type Step = 'wait' | 'read';

/** The phases that an operator can bound. */
type BoundedPhase = Extract<Phase, 'first chunk' | 'idle' | 'total'>;

/**
 * Unsubscribes from the source, and then errors with `deadline_exceeded`: a retry in the error handler finds the source
 * released.
 *
 * The delivery is `maybe_sent`: an operator cannot know how far the request got.
 *
 * @internal
 */
export function timeOut(source: Subscription, subscriber: Subscriber<unknown>, phase: BoundedPhase, ms: number): void {
  try {
    source.unsubscribe();
  } finally {
    // A teardown of the source that throws is a bug, and is reported as one; the subscriber gets its error all the
    // same.
    subscriber.error(missed(phase, ms));
  }
}
