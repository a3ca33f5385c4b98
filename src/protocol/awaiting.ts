import type { Frame } from '../contract/index.js';
import { type ChoragusError, ciError } from '../errors/index.js';
import { errorTextOf, type FrameKind } from './frame-codec.js';

/** A request that waits for its answer. `answered`, `ended` or `failed` is called at most once, and ends it. */
export interface Awaiting {
  /** The request's type on the wire, which its reply must fit. */
  readonly type: string;
  readonly replyMode: 'whole' | 'stream';
  /** Whether it asks for an answer piece by piece. Default: true if `replyMode` is `stream`. */
  readonly asksStream?: boolean;
  /** Whether it was written to the socket. A request that was not written cannot have an answer. */
  readonly isWritten: boolean;
  /** True for the pool's own requests. No user gets their answers, so they need no proof. */
  readonly isOwn?: boolean;
  /** Called when its stream has begun, before the first text. */
  begun?(frame: Frame): void;
  chunk(frame: Frame): void;
  answered(frame: Frame): void;
  ended(frame: Frame): void;
  /** Called with the frame that carries the error, if one does. */
  failed(error: ChoragusError, frame?: Frame): void;
}

/** Counts dropped frames by kind. */
export interface StrayCounts {
  lateReplies: number;
  duplicates: number;
  unsolicited: number;
}

/**
 * Says what a frame means for its connection:
 * - `fine`: nothing to do;
 * - `retire`: it takes no new requests. The answers that it still expects can be trusted;
 * - `desync`: it closes at once. Answers can no longer be matched to requests;
 * - `fenced`: an answer is held until the reply to the probe behind it arrives;
 * - `held`: an answer without an id is held, and no probe is in flight to prove it;
 * - `proved`: the next probe was answered in order;
 * - `refused`: another frame came in place of a probe's reply. This is allowed while a CI is examined;
 * - `overtaken`: a probe was answered before its request. The peer handles several lines at once, or the answer was lost;
 * - `concurrent`: the answer to an overtaken request arrived: the peer does handle several lines at once.
 */
export type Verdict =
  | 'fine'
  | 'retire'
  | 'desync'
  | 'fenced'
  | 'held'
  | 'proved'
  | 'refused'
  | 'overtaken'
  | 'concurrent';

/** Replaces an abandoned request in the table until its late reply arrives, which is dropped. */
export class Abandoned {
  readonly type: string;
  readonly replyMode: 'whole' | 'stream';
  readonly isWritten = true;
  readonly asksStream: boolean;
  readonly sinceMs: number;

  constructor(awaiting: Awaiting, sinceMs: number) {
    this.type = awaiting.type;
    this.replyMode = awaiting.replyMode;
    this.asksStream = asksStream(awaiting);
    this.sinceMs = sinceMs;
  }
}

/** Returns whether a request asks for a stream. */
export function asksStream(item: Awaiting | Abandoned): boolean {
  return item.asksStream ?? item.replyMode === 'stream';
}

/** Returns whether a request is the pool's own. No user gets its answer. */
export function isOwn(item: Awaiting | Abandoned): boolean {
  return !(item instanceof Abandoned) && item.isOwn === true;
}

/** Passes a frame to its request. The caller has checked that the frame fits. */
export function handOver(item: Awaiting, frame: Frame, kind: FrameKind): void {
  if (kind === 'chunk') item.chunk(frame);
  else if (kind === 'streamStart') item.begun?.(frame);
  else if (kind === 'streamEnd') item.ended(frame);
  else if (kind === 'streamError' || (kind === 'reply' && frame.type === 'error'))
    item.failed(ciError({ said: errorTextOf(frame) }), frame);
  else if (kind === 'reply') item.answered(frame);
}
