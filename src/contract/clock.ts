/** Says whether a timer keeps the process alive (`keepsAlive`) or not (`background`). */
export type TimerHold = 'keepsAlive' | 'background';

/**
 * Provides the time. The runtime reads no other clock, so a test can hold time still (`ManualClock` in
 * `choragus/testing`).
 */
export interface Clock {
  /** Returns the milliseconds since some fixed moment. Never goes back. */
  now(): number;
  /** Calls `fn` once, after `delayMs`. Returns a handle for `clearTimeout`. */
  setTimeout(fn: () => void, delayMs: number, hold: TimerHold): unknown;
  /** Cancels a timer. A timer that has fired or was cancelled is ignored. */
  clearTimeout(handle: unknown): void;
  /** Changes whether a pending timer keeps the process alive. */
  setHold(handle: unknown, hold: TimerHold): void;
  /**
   * Calls `fn` after the bytes that have already arrived are read, so that a reply in the socket's buffer beats a
   * timer.
   */
  afterIo(fn: () => void): void;
}
