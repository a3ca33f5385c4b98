import type { ConnectionState, PastTransition } from '../contract/index.js';
import type { Entered } from './connection-owner.js';

/** Transitions that are remembered of one connection. */
const MOST_REMEMBERED = 32;

const NONE: readonly PastTransition[] = [];

/** The states that a connection went through, as its machine announced them: the present one, and the last few changes. */
export class StateHistory {
  state: ConnectionState = 'idle';
  /** Why it came into its state. */
  reason = '';
  /** When it came into its state, on the pool's clock. */
  sinceMs: number;
  /** Failed attempts in a row. */
  attempt = 0;
  /** The backoff under way; 0 without one. */
  delayMs = 0;
  /** Oldest first. Replaced at each change, so that a snapshot can hold it as it is. */
  changes = NONE;

  constructor(nowMs: number) {
    this.sinceMs = nowMs;
  }

  enter({ state, reason, attempt, delayMs }: Omit<Entered, 'successor'>, nowMs: number): PastTransition {
    const past = { from: this.state, to: state, reason, attempt, delayMs, at: Date.now() };
    this.state = state;
    this.reason = reason;
    this.sinceMs = nowMs;
    this.attempt = attempt;
    this.delayMs = delayMs;
    this.changes = [...this.changes.slice(1 - MOST_REMEMBERED), past];
    return past;
  }
}
