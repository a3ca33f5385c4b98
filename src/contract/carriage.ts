import type { ChoragusError } from '../errors/index.js';
import type { Frame } from './frame.js';

/** A client's line, as it is to go to a CI. */
export interface CarriedLine {
  /** Its type on the wire; `''` where it names none, or cannot be read. */
  readonly type: string;
  /** The line as it came. */
  readonly text: string;
  /** Whether it asks for an answer piece by piece. */
  readonly isStream: boolean;
  /** Its own id as it is written, quotes and all; `undefined` without one. */
  readonly id: string | undefined;
  /** The line with this id, as JSON text, in place of its own; `undefined` where it has no place for one: it then goes as it came. */
  readonly withId: ((id: string) => string) | undefined;
}

/** Receives the answer to a carried line. */
export interface CarriedTo {
  /** A frame of the answer, and the line that it came in, on a wire of lines. */
  frame(frame: Frame, line: string | undefined): void;
  /** The answer is whole; or it failed of this. `ci_error` is the CI's own, and its frame has been told of before, where it came in a line. */
  over(error?: ChoragusError): void;
}

/** A CI whose clients are carried. */
export interface CarriedCi {
  /** Whether a connection is up. */
  readonly isLinked: boolean;
  /** Sends a line, and tells what comes of it. Returns what gives it up. */
  carry(line: CarriedLine, to: CarriedTo): { unsubscribe(): void };
}

/** What carries lines to CIs as they are: what a proxy needs of a pool. */
export interface Carriage {
  /**
   * From now on this CI's requests have a connection each, as far as there are any, one stays up, and those that nobody uses are closed.
   *
   * @throws ChoragusError `unknown_ci`, `closed`
   */
  carries(ci: string): CarriedCi;
}

/** Where a pool keeps its carriage: for `serveProxy`, not for users. */
export const CARRIAGE: unique symbol = Symbol.for('choragus.carriage');
