import type { Frame } from '../../../src/index.js';
import type { ManualClock, MemoryPeer } from '../../../src/testing/index.js';
import type { Fate, PeerManner } from './acts.js';

/** What a peer will do with a request. */
export interface Plan {
  readonly latencyMs: number;
  readonly fate: Fate;
}

/** The text of an answer, and its pieces in a stream. */
export const answerTo = (content: string): string => `re ${content}`;
export const piecesFor = (content: string): readonly string[] => [0, 1, 2].map((piece) => `${content}:${piece} `);
export const errorFor = (content: string): string => `cannot answer ${content}`;

const PIECE_GAP_MS = 4;
/** The answer to each type of the wire. */
const replyTypes: Readonly<Record<string, string>> = {
  health: 'health_response',
  chat: 'chat_response',
  note: 'response',
  info: 'info_response',
};

/** The CI's end of one link of the model. */
export class ModelLink {
  readonly #peer: MemoryPeer;
  readonly #manner: PeerManner;
  readonly #clock: ManualClock;
  readonly #planOf: (content: string) => Plan;
  readonly #canLose: boolean;
  /** Bytes that wait for the rest of a cut packet. */
  #held: (() => void)[] | undefined;
  #cuts = 0;
  #owed = 0;
  /** A FIFO peer answers one at a time; a stream in frames runs beside. */
  #freeAtMs = 0;
  #isOpen = true;

  /** `canLose`: whether a lost reply can be told from a late one, also without ids. */
  constructor(
    peer: MemoryPeer,
    manner: PeerManner,
    clock: ManualClock,
    planOf: (content: string) => Plan,
    canLose: boolean,
  ) {
    this.#peer = peer;
    this.#manner = manner;
    this.#clock = clock;
    this.#planOf = planOf;
    this.#canLose = canLose;
    void peer.closed.then(() => {
      this.#isOpen = false;
    });
    peer.onRequest((request) => this.#serve(request));
  }

  end(how: 'reset' | 'end'): void {
    if (how === 'reset') this.#peer.fail();
    else this.#peer.close();
  }

  stopReading(forMs: number): void {
    this.#peer.setWritable(false);
    this.#after(forMs, () => this.#peer.setWritable(true));
  }

  /**
   * Sends an unexpected frame. Without ids no client can tell a stray reply from an owed answer, or
   * from the first answer of a peer that may turn out to be FIFO. So it is sent only while nothing is owed, and whole,
   * since a later piece could come when something is.
   */
  stray(type: 'chat_response' | 'pong' | 'stream_chunk'): void {
    const isEchoing = this.#manner.correlation === 'byId';
    const id = isEchoing || type === 'stream_chunk' ? { request_id: 'not yours' } : {};
    const isTellable = isEchoing || type !== 'chat_response' || (this.#owed === 0 && this.#held === undefined);
    if (isTellable) this.#afterHeld(() => this.#peer.sendRaw(lineOf({ type, content: 'stray', ...id })));
  }

  #serve(request: Frame): void {
    const content = String(request.content);
    // A heartbeat, or a probe behind a request.
    const isOwn = request.type === 'ping' || request.content === undefined;
    const { latencyMs, fate } = isOwn ? PONG : this.#planOf(content);
    const isFifo = this.#manner.correlation === 'ordered';
    const isStream = request.stream === true && this.#manner.streaming !== 'none';
    const isBeside = !isFifo || (isStream && this.#manner.streaming === 'frames');
    const atMs = Math.max(isFifo ? this.#freeAtMs : 0, this.#clock.now()) + latencyMs;
    const lastMs = isStream ? atMs + piecesFor('').length * PIECE_GAP_MS : atMs;
    const isStuck = fate === 'hang' || (fate === 'lose' && isFifo && !this.#canLose);
    if (!isBeside) this.#freeAtMs = isStuck ? Number.POSITIVE_INFINITY : lastMs;
    this.#owed += 1;
    if (isStuck || fate === 'lose' || atMs === Number.POSITIVE_INFINITY) return;
    const id = isBeside ? { request_id: request.request_id } : {};
    if (isStream && fate !== 'misfit') this.#answerStream(content, id, fate, atMs);
    else this.#at(atMs, () => this.#answer(request, isFifo ? {} : id, fate));
  }

  #answer(request: Frame, id: Frame, fate: Fate): void {
    this.#owed -= 1;
    const content = String(request.content);
    const reply =
      request.type === 'ping'
        ? { type: 'pong', ...id }
        : { type: replyTypes[String(request.type)], content: answerTo(content), ...id };
    if (fate === 'error') this.#send([{ type: 'error', error: errorFor(content), ...id }]);
    else if (fate === 'misfit') this.#send([{ type: 'health_response', content: 'stray', ...id }]);
    else if (fate === 'half' || fate === 'reset') this.#leaveInTheMiddle(reply, fate);
    else this.#send(fate === 'twice' && this.#canRepeat(id) ? [reply, reply] : [reply]);
  }

  #answerStream(content: string, id: Frame, fate: Fate, atMs: number): void {
    const isLegacy = this.#manner.streaming === 'legacy';
    const pieces = piecesFor(content);
    if (!isLegacy) this.#at(atMs, () => this.#send([{ type: 'stream_start', ...id }]));
    pieces.forEach((piece, index) => {
      const frame = { type: isLegacy ? 'chunk' : 'stream_chunk', content: piece, chunk_index: index, ...id };
      const isCut = (fate === 'half' || fate === 'reset') && index === pieces.length - 1;
      this.#at(atMs + index * PIECE_GAP_MS, () => {
        if (isCut) this.#leaveInTheMiddle(frame, fate);
        else this.#send([frame]);
      });
    });
    const end = isLegacy ? { type: 'complete', ...id } : { type: 'stream_end', metadata: {}, ...id };
    this.#at(atMs + pieces.length * PIECE_GAP_MS, () => {
      this.#owed -= 1;
      if (fate === 'error') this.#send([{ type: 'stream_error', error: errorFor(content), ...id }]);
      else this.#send(fate === 'twice' && id.request_id !== undefined ? [end, end] : [end]);
    });
  }

  /** A repeated reply without an id belongs to no other request only while nothing else is owed, and if it comes at once. */
  #canRepeat(id: Frame): boolean {
    return id.request_id !== undefined || (this.#owed === 0 && this.#held === undefined);
  }

  #leaveInTheMiddle(frame: Frame, how: 'half' | 'reset'): void {
    const line = lineOf(frame);
    this.#afterHeld(() => {
      this.#peer.sendRaw(line.subarray(0, line.length >> 1));
      this.end(how === 'half' ? 'end' : 'reset');
    });
  }

  /** Sends frames as one packet, which may be cut; several at a time are cut without a delay. */
  #send(frames: readonly Frame[]): void {
    const bytes = Buffer.concat(frames.map(lineOf));
    const { cuts } = this.#manner;
    const cut = cuts[this.#cuts % Math.max(cuts.length, 1)];
    this.#cuts += 1;
    this.#afterHeld(() => {
      const atByte = Math.min(cut?.atByte ?? 0, bytes.length);
      if (atByte > 0) this.#peer.sendRaw(bytes.subarray(0, atByte));
      if (atByte === bytes.length) return;
      if (cut === undefined || cut.delayMs === 0 || frames.length > 1) this.#peer.sendRaw(bytes.subarray(atByte));
      else this.#hold(cut.delayMs, () => this.#peer.sendRaw(bytes.subarray(atByte)));
    });
  }

  #afterHeld(write: () => void): void {
    if (this.#held === undefined) write();
    else this.#held.push(write);
  }

  #hold(delayMs: number, write: () => void): void {
    this.#held = [];
    this.#after(delayMs, () => {
      const held = this.#held ?? [];
      this.#held = undefined;
      write();
      for (const next of held) this.#afterHeld(next);
    });
  }

  #at(atMs: number, then: () => void): void {
    this.#after(atMs - this.#clock.now(), then);
  }

  #after(delayMs: number, then: () => void): void {
    this.#clock.setTimeout(() => this.#isOpen && then(), delayMs, 'background');
  }
}

function lineOf(frame: Frame): Buffer {
  return Buffer.from(`${JSON.stringify(frame)}\n`);
}

const PONG: Plan = { latencyMs: 1, fate: 'answer' };
