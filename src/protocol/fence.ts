import type { Frame, Outgoing } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';
import { type FrameKind, fits } from './frame-codec.js';

/** What any CI can be asked, and answers at once with a type that nothing else has. */
export type ProbeType = 'ping' | 'health' | 'info';

/** In the order in which a CI is asked whether it answers them. */
export const probeTypes: readonly ProbeType[] = ['ping', 'health', 'info'];

const texts: Readonly<Record<ProbeType, string>> = {
  ping: '{"type":"ping"}',
  health: '{"type":"health"}',
  info: '{"type":"info"}',
};

/** Whether this is a type of message that probes have. */
export function isProbeType(type: string): type is ProbeType {
  return Object.hasOwn(texts, type);
}

/** A question of our own behind a request: once it is answered, what came before it is all that there is. It has no id, since some peers put ids on pongs alone. */
export class Probe implements Outgoing {
  readonly type: ProbeType;
  /** The number of the request that it stands behind. */
  readonly behind: number;
  isWritten = false;
  #isNeeded = true;

  constructor(type: ProbeType, behind: number) {
    this.type = type;
    this.behind = behind;
  }

  /** Its request was not written: nor must it be. */
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
  /** The number of its request. */
  readonly number: number;
  readonly frame: Frame;
  readonly kind: FrameKind;
  readonly line: string | undefined;
  readonly fault: ChoragusError | undefined;
}

/**
 * What is known of the order on one connection: the probes that are on their way, in the order of writing, and the answer that waits for
 * the next of them.
 *
 * @see `docs/wire-protocol.md`, "The fence".
 */
export class Fence {
  readonly #probes: Probe[] = [];
  held: Held | undefined;
  /** Replies that came between the answer that is held and its proof. They are suffered only while a CI is examined. */
  extra = 0;
  /** Whether one of them was no error: it may be the answer, and what is held is none. */
  isDoubtful = false;

  /** Whether no proof is awaited. */
  get isOpen(): boolean {
    return this.#probes.length === 0 && this.held === undefined;
  }

  /** The probe whose answer is next. */
  get next(): Probe | undefined {
    return this.#probes[0];
  }

  /** So many probes are on their way. */
  get depth(): number {
    return this.#probes.length;
  }

  push(probe: Probe): void {
    this.#probes.push(probe);
  }

  shift(): void {
    this.#probes.shift();
  }

  /** Takes the probe out that this frame answers, wherever it stands. Returns whether there is one. */
  take(frame: Frame): boolean {
    const index = this.#probes.findIndex((probe) => probe.isAnsweredBy(frame));
    if (index !== -1) this.#probes.splice(index, 1);
    return index !== -1;
  }

  /** Whether a probe stands behind this request. */
  isBehind(number: number): boolean {
    return this.#probes.some(({ behind }) => behind === number);
  }

  /** A request was taken back before it was written, and its probe with it. */
  withdraw(number: number): void {
    const index = this.#probes.findIndex(({ behind }) => behind === number);
    if (index !== -1) this.#probes.splice(index, 1)[0]?.forgo();
  }

  /** Returns the answer that was held, and holds it no more. */
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
