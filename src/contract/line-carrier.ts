import type { ChoragusError } from '../errors/index.js';
import type { Frame } from './frame.js';

/** Describes a client's line on its way to a CI. */
export interface CarriedLine {
  /** The message's type; `''` if it has none, or cannot be read. */
  readonly type: string;
  /** The line as it came. */
  readonly text: string;
  /** True if the line asks for a streamed answer. */
  readonly isStream: boolean;
  /** The line's own id as written, quotes included; `undefined` without one. */
  readonly id: string | undefined;
  /**
   * Returns the line with this id, as JSON text, in place of its own. `undefined` if the line has no room for an id: it
   * is then sent unchanged.
   */
  readonly withId: ((id: string) => string) | undefined;
}

/** Receives the answer to a carried line. */
export interface CarriedTo {
  /** Takes one frame of the answer, with its line on a wire of lines. */
  frame(frame: Frame, line: string | undefined): void;
  /**
   * Called when the answer is whole, or failed with `error`. A `ci_error` comes from the CI; if it came in a line,
   * `frame` got that line before.
   */
  over(error?: ChoragusError): void;
}

/** Carries clients' lines to one CI. */
export interface CarriedCi {
  /** True while a connection is up. */
  readonly isLinked: boolean;
  /** Sends a line and reports the answer to `to`. Unsubscribing abandons it. */
  carry(line: CarriedLine, to: CarriedTo): { unsubscribe(): void };
}

/** Carries lines to CIs unchanged: what a proxy needs of a pool. */
export interface LineCarrier {
  /**
   * Gives each request of this CI a connection of its own, as far as `maxConnections` allows, keeps one connection up,
   * and closes those that are not in use.
   *
   * @throws ChoragusError `unknown_ci`, `closed`
   */
  carries(ci: string): CarriedCi;
}

/** Key under which a pool keeps its line carrier. For `serveProxy`, not for users. */
export const LINE_CARRIER: unique symbol = Symbol.for('choragus.lineCarrier');
