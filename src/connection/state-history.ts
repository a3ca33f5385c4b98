import type { ConnectionState, PastTransition } from '../contract/index.js';
import type { Entered } from './connection-owner.js';

/** Number of transitions that are kept for each connection. */
const MOST_REMEMBERED = 32;

const NONE: readonly PastTransition[] = [];

/** The states of one connection, as its machine announced them: the current one, and the last changes. */
export class StateHistory {
  state: ConnectionState = 'idle';
  /** Why it entered its state. */
  reason = '';
  /** When it entered its state, on the pool's clock. */
  sinceMs: number;
  /** Failed attempts in a row. */
  attempt = 0;
  /** The current backoff, in ms; 0 if there is none. */
  delayMs = 0;
  /** Oldest first. Replaced at each change, so that a snapshot can hold it without a copy. */
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
