import type { Clock, TimerHold } from '../contract/index.js';

/** The system's time: monotonic, and timers that keep the process alive only where told to. */
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
  // The check phase comes after the poll phase, in which what lies in the sockets is read.
  afterIo: (fn) => {
    setImmediate(fn);
  },
};
