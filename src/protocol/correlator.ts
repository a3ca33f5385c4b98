import type { Frame } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { type Awaiting, type StrayCounts, Tombstone, type Verdict } from './awaiting.js';
import { errorTextOf, type FrameKind, fits, kindOf, replyTypeOf } from './frame-codec.js';
import { RequestIds } from './request-ids.js';
import { type Past, SlotTable } from './slot-table.js';

type Item = Awaiting | Tombstone;

/**
 * The in-flight table of one connection: which answer belongs to whom.
 *
 * Until a *reply* has echoed a `request_id`, answers belong to requests in the order of sending (ids on stream frames
 * say nothing about replies). From then on they belong by id. A request that is given up leaves a tombstone, so that its
 * late reply is swallowed and never handed to another.
 *
 * @see `docs/concepts.md`, "Who is answered".
 */
export class Correlator {
  readonly #ids: RequestIds;
  readonly #strays: StrayCounts;
  readonly #table = new SlotTable<Item>();
  /** Numbers of requests whose reply may come without an id, in the order of sending. Unused once echoing. */
  #order: number[] = [];
  #echoing = false;
  #tombstones = 0;

  /** `prefix` makes this connection's ids differ from every other's. */
  constructor(prefix: string, strays: StrayCounts) {
    this.#ids = new RequestIds(prefix);
    this.#strays = strays;
  }

  get isEchoing(): boolean {
    return this.#echoing;
  }

  /** Requests that are awaited; tombstones do not count. */
  get live(): number {
    return this.#table.size - this.#tombstones;
  }

  get tombstones(): number {
    return this.#tombstones;
  }

  /** Whether nothing is outstanding or owed. */
  get isEmpty(): boolean {
    return this.#table.size === 0;
  }

  /** Whether one more request can be sent without risk of mistaking whose the answer is. */
  canTake(pipelining: number, maxInFlight: number): boolean {
    if (this.#table.size >= maxInFlight) return false;
    return this.#echoing || this.#order.length === 0 || this.#hasPlace(pipelining);
  }

  /** Takes a request in and returns its number. */
  add(awaiting: Awaiting): number {
    const number = this.#table.add(awaiting);
    if (!this.#echoing) this.#order.push(number);
    return number;
  }

  /** The `request_id` of a number. */
  idOf(number: number): string {
    return this.#ids.idOf(number);
  }

  /** Takes back a request that was not written. */
  withdraw(number: number): void {
    this.#table.remove(number, 'abandoned');
    this.#leaveOrder(number);
  }

  /** Gives up on a request that may have been written: its reply is owed, and will be swallowed. */
  abandon(number: number, nowMs: number): void {
    const item = this.#table.get(number);
    if (item === undefined || item instanceof Tombstone) return;
    this.#table.replace(number, new Tombstone(item, nowMs));
    this.#tombstones += 1;
  }

  /** When the oldest tombstone was laid, or `undefined` without one. */
  oldestTombstoneMs(): number | undefined {
    if (this.#tombstones === 0) return undefined;
    let oldest = Number.POSITIVE_INFINITY;
    for (const [, item] of this.#table.entries()) {
      if (item instanceof Tombstone && item.sinceMs < oldest) oldest = item.sinceMs;
    }
    return oldest;
  }

  /** Takes all requests out that are awaited, for the caller to fail; forgets all tombstones. */
  drain(): Awaiting[] {
    const awaiting: Awaiting[] = [];
    for (const [number, item] of [...this.#table.entries()]) {
      this.#table.remove(number, 'abandoned');
      if (!(item instanceof Tombstone)) awaiting.push(item);
    }
    this.#tombstones = 0;
    this.#order = [];
    return awaiting;
  }

  /** Fails the request with this id, and no other. */
  fail(id: unknown, error: ChoragusError): void {
    const number = this.#ids.numberOf(id);
    const item = this.#table.get(number);
    if (item === undefined || !item.isWritten) return;
    this.#end(number, item instanceof Tombstone ? 'abandoned' : 'answered');
    if (!(item instanceof Tombstone)) item.failed(error);
  }

  /** Hands a frame to the request that it belongs to, if any. */
  receive(frame: Frame): Verdict {
    const id = frame.request_id;
    if (id === undefined || id === null) return this.#receiveWithoutId(frame, kindOf(frame.type));
    const number = this.#ids.numberOf(id);
    const item = this.#table.get(number);
    if (item === undefined) return this.#receiveStray(this.#table.pastOf(number));
    // An id that has not left yet was guessed.
    if (!item.isWritten) return this.#receiveStray('unknown');
    const kind = kindOf(frame.type);
    if (kind === 'reply') this.#becomeEchoing();
    else if (item.manner === 'stream') this.#leaveOrder(number);
    return this.#deliver(number, item, frame, kind);
  }

  #receiveStray(past: Past): Verdict {
    if (past === 'answered') this.#strays.duplicates += 1;
    else if (past !== 'unknown') this.#strays.lateReplies += 1;
    else {
      this.#strays.unsolicited += 1;
      if (this.#table.size === 0) return 'desync';
    }
    return 'fine';
  }

  #receiveWithoutId(frame: Frame, kind: FrameKind): Verdict {
    const number = kind === 'reply' ? this.#ownerOfReply(frame) : this.#ownerOfStreamFrame();
    const item = number === undefined ? undefined : this.#table.get(number);
    if (number === undefined || item === undefined) {
      this.#strays.unsolicited += 1;
      return 'desync';
    }
    // A tombstone is no laxer than the request that it stands for: a misfit is a peer out of step.
    if (kind === 'reply' && !fits(item.type, replyTypeOf(frame))) return this.#desync();
    return this.#deliver(number, item, frame, kind);
  }

  #ownerOfReply(frame: Frame): number | undefined {
    // Also an error, and beside a stream under way: a stream that has begun ends by a frame with its id.
    if (!this.#echoing && this.#order.length > 0) return this.#writtenFirst();
    const only = this.#only(() => true);
    if (only === undefined || this.#echoing) return only;
    // On a FIFO wire what is left is a stream under way; nothing but an error can end it without an id.
    return frame.type === 'error' ? only : undefined;
  }

  /** The one whose turn it is; nobody's, when that one has not been written yet. */
  #writtenFirst(): number | undefined {
    const first = this.#order[0] as number;
    return this.#table.get(first)?.isWritten === true ? first : undefined;
  }

  #ownerOfStreamFrame(): number | undefined {
    return this.#only((item) => item.manner === 'stream');
  }

  /** The number of the one item that fits; `undefined` when there is none, or more than one to choose from. */
  #only(test: (item: Item) => boolean): number | undefined {
    let found: number | undefined;
    for (const [number, item] of this.#table.entries()) {
      if (!item.isWritten || !test(item)) continue;
      if (found !== undefined) return undefined;
      found = number;
    }
    return found;
  }

  #deliver(number: number, item: Item, frame: Frame, kind: FrameKind): Verdict {
    const isFitting = kind === 'reply' ? fits(item.type, replyTypeOf(frame)) : item.manner === 'stream';
    const isLast = !isFitting || (kind !== 'chunk' && kind !== 'streamStart');
    if (isLast) this.#end(number, item instanceof Tombstone ? 'abandoned' : 'answered');
    if (item instanceof Tombstone) this.#strays.lateReplies += 1;
    else if (isFitting) hand(item, frame, kind);
    else item.failed(misfit(item.type));
    // A peer that answers what was not asked is out of step, also where nobody waits for the answer.
    if (isFitting) return 'fine';
    return this.#echoing ? 'retire' : 'desync';
  }

  #end(number: number, ending: 'answered' | 'abandoned'): void {
    if (this.#table.get(number) instanceof Tombstone) this.#tombstones -= 1;
    this.#table.remove(number, ending);
    this.#leaveOrder(number);
  }

  #desync(): Verdict {
    this.#strays.unsolicited += 1;
    return 'desync';
  }

  #becomeEchoing(): void {
    if (this.#echoing) return;
    this.#echoing = true;
    this.#order = [];
  }

  #leaveOrder(number: number): void {
    if (this.#order.length === 0) return;
    const index = this.#order.indexOf(number);
    if (index !== -1) this.#order.splice(index, 1);
  }

  /**
   * A ping is answered at once, so a request may stand behind one. Nothing may stand behind a stream that has not
   * begun: a peer that cannot stream answers it with one reply without an id, and that could be either's.
   */
  #hasPlace(pipelining: number): boolean {
    let taken = 0;
    for (const number of this.#order) {
      const item = this.#table.get(number);
      if (item?.manner === 'stream') return false;
      if (item?.type !== 'ping') taken += 1;
    }
    return taken < pipelining;
  }
}

/** Hands a frame that fits to the request that it belongs to. */
function hand(item: Awaiting, frame: Frame, kind: FrameKind): void {
  if (kind === 'chunk') item.chunk(frame);
  else if (kind === 'streamStart') item.begun?.(frame);
  else if (kind === 'streamEnd') item.ended(frame);
  else if (kind === 'streamError' || (kind === 'reply' && frame.type === 'error')) item.failed(ciError(frame), frame);
  else if (kind === 'reply') item.answered(frame);
}

function misfit(type: string): ChoragusError {
  return new ChoragusError('protocol_error', `an answer of the wrong type to ${type}`, { delivery: 'answered' });
}

function ciError(frame: Frame): ChoragusError {
  const details = { delivery: 'answered', said: errorTextOf(frame) } as const;
  return new ChoragusError('ci_error', 'the CI answered with an error', details);
}
