import type { Frame, Outgoing } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';
import { type FrameKind, fits } from './frame-codec.js';

/** The messages that any CI can answer at once, each with a reply type of its own. */
export type ProbeType = 'ping' | 'health' | 'info';

/** The probes in the order in which a CI is asked them, until it answers one. */
export const probeTypes: readonly ProbeType[] = ['ping', 'health', 'info'];

const texts: Readonly<Record<ProbeType, string>> = {
  ping: '{"type":"ping"}',
  health: '{"type":"health"}',
  info: '{"type":"info"}',
};

/** Returns whether probes use this type of message. */
export function isProbeType(type: string): type is ProbeType {
  return Object.hasOwn(texts, type);
}

/**
 * A request of the pool behind a user's request. When it is answered, every answer before it has arrived. It has no id,
 * because some peers put ids on pongs only.
 */
export class Probe implements Outgoing {
  readonly type: ProbeType;
  /** The number of the request that it follows. */
  readonly behind: number;
  isWritten = false;
  #isNeeded = true;

  constructor(type: ProbeType, behind: number) {
    this.type = type;
    this.behind = behind;
  }

  /** Cancels the probe: its request was not written. */
  forgo(): void {
    this.#isNeeded = false;
  }

  commit(): string {
    if (!this.#isNeeded) return '';
    this.isWritten = true;
    return texts[this.type];
  }

  isAnsweredBy(frame: Frame): boolean {
    return this.isWritten && frame.type !== 'error' && fits(this.type, frame.type);
  }
}

/** An answer without an id that waits for its proof. */
export interface Held {
  /** The number of the request that it answers. */
  readonly number: number;
  readonly frame: Frame;
  readonly kind: FrameKind;
  readonly line: string | undefined;
  readonly fault: ChoragusError | undefined;
}

/**
 * Holds the probes in flight on one connection, in the order of writing, and the answer that waits for the next one.
 *
 * @see `docs/wire-protocol.md`, "The fence".
 */
export class Fence {
  readonly #probes: Probe[] = [];
  held: Held | undefined;
  /** How many replies came between the held answer and its proof. Allowed only while a CI is examined. */
  extra = 0;
  /** Whether one of them was not an error: then it may be the answer, and the held frame is not. */
  isDoubtful = false;

  /** Returns whether no proof is pending. */
  get isOpen(): boolean {
    return this.#probes.length === 0 && this.held === undefined;
  }

  /** Returns the probe whose reply comes next. */
  get next(): Probe | undefined {
    return this.#probes[0];
  }

  /** Returns the number of probes in flight. */
  get depth(): number {
    return this.#probes.length;
  }

  push(probe: Probe): void {
    this.#probes.push(probe);
  }

  shift(): void {
    this.#probes.shift();
  }

  /** Removes the first probe that this frame answers. Returns whether there was one. */
  take(frame: Frame): boolean {
    const index = this.#probes.findIndex((probe) => probe.isAnsweredBy(frame));
    if (index !== -1) this.#probes.splice(index, 1);
    return index !== -1;
  }

  /** Returns whether a probe follows this request. */
  isBehind(number: number): boolean {
    return this.#probes.some(({ behind }) => behind === number);
  }

  /** Removes and cancels the probe of a request that was not written. */
  withdraw(number: number): void {
    const index = this.#probes.findIndex(({ behind }) => behind === number);
    if (index !== -1) this.#probes.splice(index, 1)[0]?.forgo();
  }

  /** Returns the held answer, and clears it. */
  release(): Held | undefined {
    const { held } = this;
    this.held = undefined;
    this.extra = 0;
    this.isDoubtful = false;
    return held;
  }

  clear(): void {
    this.#probes.length = 0;
    this.release();
  }
}
