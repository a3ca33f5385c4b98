import type { ActorOptions, AnyActorLogic } from 'xstate';
import type { Clock } from '../contract/index.js';

interface Timer {
  handle: unknown;
  isCleared: boolean;
}

/**
 * The clock of the connections' machines. Its timers keep no process alive, and strike only after pending bytes and
 * connects were read: a dial that came up while our own event loop was held up did not time out.
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
