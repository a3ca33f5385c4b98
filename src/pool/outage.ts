import type { ConnectionState } from '../contract/index.js';

/** What one change of a connection's state says about its CI. */
export interface Turn {
  /** The state that the connection left. */
  readonly from: ConnectionState;
  /** The states of all connections of the CI, after the change. */
  readonly states: readonly { readonly state: ConnectionState }[];
  /** True if a connection is wanted although none is being opened: requests wait, or the CI is kept up or quarantined. */
  readonly isWanted: boolean;
  /** True if a dial failed, or a link or an actor ended by a fault. */
  readonly isFailure: boolean;
  /** When it happened, ms since the epoch. */
  readonly at: number;
}

/**
 * Keeps the time at which a CI lost its last usable connection: one that is `healthy` or `degraded`. It follows each
 * change of state, because a connection remembers only its last ones, and a CI can be down for longer.
 */
export class Outage {
  /** When the last usable connection ended. It is an outage only once a dial or a link has failed. */
  #lostAt: number | undefined;
  #since: number | undefined;

  /** Returns when the outage began, ms since the epoch; undefined if a connection is usable, or none is wanted. */
  get since(): number | undefined {
    return this.#since;
  }

  changed({ from, states, isWanted, isFailure, at }: Turn): void {
    if (states.some(({ state }) => isUsable(state))) return this.over();
    if (isUsable(from)) this.#lostAt = at;
    if (isFailure) this.#since ??= this.#lostAt ?? at;
    // Nobody misses a connection that was closed because it was unused.
    if (!isFailure && !isWanted && !states.some(({ state }) => isUnderWay(state))) this.over();
  }

  /** Notes that nothing more may be dialled, although a connection is wanted: a quarantine. */
  blocked(at: number): void {
    this.#since ??= this.#lostAt ?? at;
  }

  /** Notes that a connection is usable, or that none is wanted. */
  over(): void {
    this.#lostAt = undefined;
    this.#since = undefined;
  }
}

function isUsable(state: ConnectionState): boolean {
  return state === 'healthy' || state === 'degraded';
}

function isUnderWay(state: ConnectionState): boolean {
  return state === 'connecting' || state === 'reconnecting';
}
