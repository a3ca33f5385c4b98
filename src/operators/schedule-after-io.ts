import { asyncScheduler, type SchedulerAction, type Subscription } from 'rxjs';

/**
 * Calls `act` once `delayMs` are over and what had arrived by then has been read.
 *
 * A timer of Node runs before the sockets are looked at. After the event loop was held up, it would blame the source
 * for values that lie in the socket already. So it goes round the loop once more, which costs a millisecond; in virtual
 * time it costs none, and a value of the same moment comes first.
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
