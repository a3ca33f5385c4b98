import type { Clock, TimerHold } from '../contract/index.js';

/** The system's monotonic time, with timers that keep the process alive only on request. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (fn: () => void, delayMs: number, hold: TimerHold) => {
    const timer = setTimeout(fn, delayMs);
    if (hold === 'background') timer.unref();
    return timer;
  },
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
  setHold: (handle, hold) => {
    if (hold === 'background') (handle as NodeJS.Timeout).unref();
    else (handle as NodeJS.Timeout).ref();
  },
  // The check phase follows the poll phase, which reads the sockets.
  afterIo: (fn) => {
    setImmediate(fn);
  },
};
