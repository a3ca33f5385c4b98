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
   * `must`: it is of no use any more, and closes at once where too many others retire already. `may`: it goes as soon as there is room.
   * `done`: the same, in good standing: it did what it was opened for.
   */
  readonly how: 'must' | 'may' | 'done';
}

/** Something that a connection saw and that changes no state of its own. */
export type LinkNote =
  | { readonly type: 'up'; readonly connectMs: number }
  /** Its dial failed, or its link was lost, with so many requests in flight. */
  | { readonly type: 'failed'; readonly error: ChoragusError; readonly inFlight: number }
  | { readonly type: 'stray frame' }
  /** A frame came out of order; its line, on a wire of lines. */
  | { readonly type: 'out of order'; readonly line: string | undefined }
  /** The pool knows more about how to match the CI's answers to requests. */
  | { readonly type: 'order learnt' };

/** What a connection tells the CI that it belongs to: the only calls that go up. */
export interface ConnectionOwner<TConnection> {
  /** Its state changed. */
  stateChanged(connection: TConnection, change: StateChange, successor: Successor): void;
  /** It may have a free slot. */
  slotFreed(connection: TConnection): void;
  /** It should take no more requests: the owner decides. */
  unfit(connection: TConnection, departure: Departure): void;
  noted(connection: TConnection, note: LinkNote): void;
  /** An actor of it failed because of a bug: its link's, or the connection's own, which has closed it. */
  crashed(connection: TConnection, error: unknown): void;
}

/** What a connection knows of its CI. */
export interface ConnectionCi<TConnection> extends ConnectionOwner<TConnection> {
  readonly name: string;
  readonly limits: Limits;
  readonly metrics: CiMetrics;
  /** Decides how the answers of this CI are matched to requests. */
  readonly ordering: OrderJudge;
  /** Whether the CI leaves its links up. */
  readonly reuse: Reuse;
  /** Requests that wait for a slot. */
  readonly waiting: number;
  /** Whether one more connection may stay beside those that take requests, to finish something. */
  readonly mayRetire: boolean;
  readonly dial: Dial;
}

/** A state of a connection, as the machine announces it. */
export type Entered = Omit<StateEntered, 'type'>;
