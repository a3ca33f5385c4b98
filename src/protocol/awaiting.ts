import type { Frame } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';

/** A request whose answer is awaited. Each of the last three is called at most once in all, and ends it. */
export interface Awaiting {
  /** The request's type on the wire, which its reply must fit. */
  readonly type: string;
  readonly manner: 'whole' | 'stream';
  /** Whether it was handed to the socket: what was not can have no answer, whatever comes. */
  readonly isWritten: boolean;
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
 * What a frame means for the connection: `retire` it (what it still owes can be trusted, new requests cannot), or
 * drop it now, since nobody can say any more which answer belongs to whom (`desync`).
 */
export type Verdict = 'fine' | 'retire' | 'desync';

/** What keeps the place of a request that was given up, and swallows its reply. */
export class Tombstone {
  readonly type: string;
  readonly manner: 'whole' | 'stream';
  readonly isWritten = true;
  readonly sinceMs: number;

  constructor(awaiting: Awaiting, sinceMs: number) {
    this.type = awaiting.type;
    this.manner = awaiting.manner;
    this.sinceMs = sinceMs;
  }
}
