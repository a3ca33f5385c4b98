/** Whether a timer keeps the process alive. */
export type TimerHold = 'keepsAlive' | 'background';

/**
 * Time, as an argument. The runtime asks no other source for it, so a test can hold it still
 * (`ManualClock` in `choragus/testing`).
 */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Calls `fn` once, after `delayMs`. Returns a handle for `clearTimeout`. */
  setTimeout(fn: () => void, delayMs: number, hold: TimerHold): unknown;
  clearTimeout(handle: unknown): void;
  /** Has a timer that is set keep the process alive from now on, or no longer. */
  setHold(handle: unknown, hold: TimerHold): void;
  /** Calls `fn` once the bytes that are already here have been read: so that a reply that lies in the socket beats a timer. */
  afterIo(fn: () => void): void;
}
