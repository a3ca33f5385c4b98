import type { StateEntered, Successor } from '../../machines/index.js';
import type { Dial, Limits, StateChange } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';
import type { CiMetrics } from '../observe/metrics.js';
import type { OrderJudge } from './order-judge.js';
import type { Reuse } from './reuse.js';

/** Why a connection should take no more requests. */
export interface Departure {
  /** For people. */
  readonly reason: string;
  /**
   * `must`: it is unusable, and closes at once if too many others retire already. `may`: it retires when there is room.
   * `done`: the same, after it did what it was opened for.
   */
  readonly how: 'must' | 'may' | 'done';
}

/** Something that a connection observed, and that does not change its state. */
export type LinkNote =
  | { readonly type: 'up'; readonly connectMs: number }
  /** Its dial failed or its link was lost, with `inFlight` requests on it. */
  | { readonly type: 'failed'; readonly error: ChoragusError; readonly inFlight: number }
  /** A frame was dropped. If `isLate`, it answered an abandoned request. */
  | { readonly type: 'stray frame'; readonly isLate: boolean }
  /** A frame came out of order. On a wire of lines, `line` is its text. */
  | { readonly type: 'out of order'; readonly line: string | undefined }
  /** The pool knows more about how to match the CI's answers to requests. */
  | { readonly type: 'order learnt' };

/** What a connection reports to its CI. No other call goes up. */
export interface ConnectionOwner<TConnection> {
  /** Reports a change of state. */
  stateChanged(connection: TConnection, change: StateChange, successor: Successor): void;
  /** Reports that the connection may have a free slot. */
  slotFreed(connection: TConnection): void;
  /** Reports that it should take no more requests. The owner decides when. */
  unfit(connection: TConnection, departure: Departure): void;
  noted(connection: TConnection, note: LinkNote): void;
  /** Reports that an actor failed because of a bug: the link's, or the connection's own, which has closed it. */
  crashed(connection: TConnection, error: unknown): void;
}

/** What a connection needs of its CI. */
export interface ConnectionCi<TConnection> extends ConnectionOwner<TConnection> {
  readonly name: string;
  readonly limits: Limits;
  readonly metrics: CiMetrics;
  /** Decides how the answers of this CI are matched to requests. */
  readonly ordering: OrderJudge;
  /** Says whether the CI keeps its links open after an answer. */
  readonly reuse: Reuse;
  /** Number of requests that wait for a slot. */
  readonly waiting: number;
  /** Whether one more connection may retire beside the serving ones. */
  readonly mayRetire: boolean;
  readonly dial: Dial;
}

/** A state of a connection, as the machine announces it. */
export type Entered = Omit<StateEntered, 'type'>;
