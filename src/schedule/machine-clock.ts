import type { ActorOptions, AnyActorLogic } from 'xstate';
import type { Clock } from '../contract/index.js';

interface Timer {
  handle: unknown;
  isCleared: boolean;
}

/**
 * Returns the clock of the connections' machines. Its timers keep no process alive, and fire after pending bytes and
 * connects have been read: a dial that succeeded while the event loop was blocked has not timed out.
 */
export function machineClockOf(clock: Clock): NonNullable<ActorOptions<AnyActorLogic>['clock']> {
  return {
    setTimeout: (fn: () => void, delayMs: number): Timer => {
      const timer: Timer = { handle: undefined, isCleared: false };
      const strike = (): void => {
        if (!timer.isCleared) fn();
      };
      timer.handle = clock.setTimeout(() => clock.afterIo(strike), delayMs, 'background');
      return timer;
    },
    clearTimeout: (timer: Timer): void => {
      timer.isCleared = true;
      clock.clearTimeout(timer.handle);
    },
  };
}
