import type { Frame } from '../contract/index.js';
import { type ChoragusError, ciError } from '../errors/index.js';
import { errorTextOf, type FrameKind } from './frame-codec.js';

/** A request whose answer is awaited. Each of the last three is called at most once in all, and ends it. */
export interface Awaiting {
  /** The request's type on the wire, which its reply must fit. */
  readonly type: string;
  readonly replyMode: 'whole' | 'stream';
  /** Whether it asks for an answer piece by piece. Default: what its replyMode says. */
  readonly asksStream?: boolean;
  /** Whether it was handed to the socket: what was not can have no answer, whatever comes. */
  readonly isWritten: boolean;
  /** The pool's own: nobody is given its answer, which needs no proof. */
  readonly isOwn?: boolean;
  /** Its stream has begun; no text yet. */
  begun?(frame: Frame): void;
  chunk(frame: Frame): void;
  answered(frame: Frame): void;
  ended(frame: Frame): void;
  /** `frame` is the one that says so, where one does. */
  failed(error: ChoragusError, frame?: Frame): void;
}

/** Frames that were dropped, by kind. */
export interface StrayCounts {
  lateReplies: number;
  duplicates: number;
  unsolicited: number;
}

/**
 * What a frame means for the connection:
 * - `fine`: nothing more;
 * - `retire` it: what it still owes can be trusted, new requests cannot;
 * - `desync`: drop it now, since nobody can say any more which answer belongs to whom;
 * - `fenced`: an answer waits for the answer to the probe behind it;
 * - `held`: an answer without an id waits, and no probe is on its way to prove it;
 * - `proved`: the next probe was answered in its place;
 * - `refused`: something else came where the answer to a probe belonged, which is suffered while a CI is examined;
 * - `overtaken`: the probe's answer came before the request's: the peer works on several lines at once, or the answer was lost;
 * - `concurrent`: the former, since the answer came, too.
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

/** What keeps the place of a request that was given up, and swallows its reply. */
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

/** Whether a stream is asked for. */
export function asksStream(item: Awaiting | Abandoned): boolean {
  return item.asksStream ?? item.replyMode === 'stream';
}

/** Whether it is the pool's own, so that nobody is given its answer. */
export function isOwn(item: Awaiting | Abandoned): boolean {
  return !(item instanceof Abandoned) && item.isOwn === true;
}

/** Hands a frame that fits to the request that it belongs to. */
export function handOver(item: Awaiting, frame: Frame, kind: FrameKind): void {
  if (kind === 'chunk') item.chunk(frame);
  else if (kind === 'streamStart') item.begun?.(frame);
  else if (kind === 'streamEnd') item.ended(frame);
  else if (kind === 'streamError' || (kind === 'reply' && frame.type === 'error'))
    item.failed(ciError({ said: errorTextOf(frame) }), frame);
  else if (kind === 'reply') item.answered(frame);
}
