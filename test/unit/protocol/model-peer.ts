import type { Frame } from '../../../src/contract/index.js';

/**
 * The behaviour of a peer, as seen in real CIs:
 * - `serial`: one line after the other, never an id, cannot stream;
 * - `old stream`: serial, streams in the older dialect, without ids;
 * - `background stream`: serial, but a task of its own streams with ids, so replies come in between;
 * - `byId`: ids on everything, in any order;
 * - `capricious`: serial, sometimes with an id, sometimes without.
 */
export type ReplyMode = 'serial' | 'old stream' | 'background stream' | 'byId' | 'capricious';

interface Job {
  readonly token: string;
  readonly id: string;
  readonly type: string;
  readonly isStream: boolean;
  /** Frames still to send, the next one first. */
  frames: Frame[] | undefined;
}

/** A peer that knows which answer belongs to which request: each frame of an answer carries the token of its request. */
export class ModelPeer {
  readonly #replyMode: ReplyMode;
  /** Requests that have not begun, in the order of arrival. */
  readonly #queue: Job[] = [];
  /** Streams that run beside the queue, and all jobs of a `byId` peer. */
  readonly #aside: Job[] = [];
  /** The last frames with ids, for duplicates. */
  readonly #said: Frame[] = [];

  constructor(replyMode: ReplyMode) {
    this.#replyMode = replyMode;
  }

  get isIdle(): boolean {
    return this.#queue.length + this.#aside.length === 0;
  }

  /** Receives a line. */
  hear(line: { readonly id: string; readonly type: string; readonly isStream: boolean; readonly token: string }): void {
    (this.#replyMode === 'byId' ? this.#aside : this.#queue).push({ ...line, frames: undefined });
  }

  /** Returns the next frame, chosen by any whole number; `undefined` if it has nothing to send. */
  speak(chance: number): Frame | undefined {
    const heads = [...(this.#queue.length > 0 ? [this.#queue[0] as Job] : []), ...this.#aside];
    const job = heads[chance % Math.max(heads.length, 1)];
    if (job === undefined) return undefined;
    job.frames ??= this.#answer(job, Math.floor(chance / 7));
    const frame = job.frames.shift() as Frame;
    const isOver = job.frames.length === 0;
    const queued = this.#queue.indexOf(job);
    if (queued !== -1 && (isOver || this.#runsAside(job))) this.#queue.splice(queued, 1);
    if (isOver) {
      const aside = this.#aside.indexOf(job);
      if (aside !== -1) this.#aside.splice(aside, 1);
    } else if (queued !== -1 && this.#runsAside(job)) this.#aside.push(job);
    if (frame.request_id !== undefined) this.#said.push(frame);
    return frame;
  }

  /** Repeats a frame with an id. */
  repeat(chance: number): Frame | undefined {
    return this.#said[chance % Math.max(this.#said.length, 1)];
  }

  #runsAside(job: Job): boolean {
    return job.isStream && this.#replyMode === 'background stream';
  }

  #answer(job: Job, chance: number): Frame[] {
    const { token, type } = job;
    const withId = (frame: Frame, index: number): Frame => {
      const isNamed =
        this.#replyMode === 'byId' ||
        (this.#replyMode === 'background stream' && String(frame.type).startsWith('stream_')) ||
        (this.#replyMode === 'capricious' && (chance >> index) % 2 === 1);
      return isNamed ? { ...frame, request_id: job.id } : frame;
    };
    return this.#plain(job, type, token, chance).map(withId);
  }

  #plain(job: Job, type: string, token: string, chance: number): Frame[] {
    if (chance % 5 === 0) return [{ type: 'error', error: token, token }];
    if (!job.isStream || this.#replyMode === 'serial' || chance % 3 === 0) {
      return [{ type: replyTypes[type], content: token, token }];
    }
    const old = this.#replyMode === 'old stream';
    const chunks = Array.from({ length: chance % 4 }, () => ({
      type: old ? 'chunk' : 'stream_chunk',
      content: token,
      token,
    }));
    const end = chance % 2 === 0 ? { type: 'stream_error', error: token } : { type: old ? 'complete' : 'stream_end' };
    return [...(old ? [] : [{ type: 'stream_start', token }]), ...chunks, { ...end, token }];
  }
}

const replyTypes: Readonly<Record<string, string>> = {
  chat: 'chat_response',
  ping: 'pong',
  health: 'health_response',
  analyse: 'response',
};
