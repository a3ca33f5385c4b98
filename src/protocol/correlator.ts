import type { Frame, Ordering } from '../contract/index.js';
import { type ChoragusError, unprovedReply, wrongReplyType } from '../errors/index.js';
import { Abandoned, type Awaiting, asksStream, handOver, isOwn, type StrayCounts, type Verdict } from './awaiting.js';
import { Fence, isProbeType, Probe, type ProbeType } from './fence.js';
import { type FrameKind, fits, kindOf, replyTypeOf } from './frame-codec.js';
import { RequestIds } from './request-ids.js';
import { type Past, SlotTable } from './slot-table.js';

type Item = Awaiting | Abandoned;

/** How the answers of the CI are told apart, as far as is known now. */
export interface Order {
  readonly kind: Ordering;
}

const trusted: Order = { kind: 'trusted' };

/**
 * The in-flight table of one connection: which answer belongs to whom.
 *
 * Once a reply has echoed a `request_id`, answers belong by id (ids on stream frames, and on answers to probes, say nothing about replies).
 * Until then they belong to requests in the order of sending, which is proved: an answer is held until the answer to a probe
 * behind it has come, and nothing in between. A request that is given up keeps its place as an abandoned request, so that its late reply is dropped and never handed to another.
 *
 * @see `docs/concepts.md`, "Who is answered".
 */
export class Correlator {
  readonly #ids: RequestIds;
  readonly #strays: StrayCounts;
  readonly #ordering: Order;
  readonly #table = new SlotTable<Item>();
  readonly #fence = new Fence();
  /** Numbers of requests whose reply may come without an id, in the order of sending. Unused once echoing. */
  #order: number[] = [];
  #echoing = false;
  #abandoned = 0;
  /** Answers to requests that came without an id. */
  #unnamed = 0;
  /** Whether a probe was answered before its request: the order says nothing any more. */
  #isOvertaken = false;
  /** The stream whose probe was answered before it began. */
  #overtakenStream = 0;
  #hasStreamed = false;
  /** The text of the frame that is being handed on; none on a wire without lines. */
  line: string | undefined;
  /** Why that text is no JSON, where it is none. */
  fault: ChoragusError | undefined;

  /** `prefix` makes this connection's ids differ from every other's. */
  constructor(prefix: string, strays: StrayCounts, ordering: Order = trusted) {
    this.#ids = new RequestIds(prefix);
    this.#strays = strays;
    this.#ordering = ordering;
  }

  get isEchoing(): boolean {
    return this.#echoing;
  }

  /** Requests that are awaited; abandoned ones do not count. */
  get live(): number {
    return this.#table.size - this.#abandoned;
  }

  get abandoned(): number {
    return this.#abandoned;
  }

  /** Whether nothing is outstanding or owed. */
  get isEmpty(): boolean {
    return this.#table.size === 0 && this.#fence.isOpen;
  }

  /** Whether a proof is awaited, of an answer that is held or is to come. */
  get isFenced(): boolean {
    return !this.#fence.isOpen;
  }

  /** Answers to requests that came without an id. */
  get unnamed(): number {
    return this.#unnamed;
  }

  /** Whether one more request can be sent without risk of mistaking whose the answer is. */
  canTake(pipelining: number, maxInFlight: number): boolean {
    if (this.#table.size >= maxInFlight) return false;
    if (this.#echoing) return true;
    if (this.isOvertaken) return false;
    const { kind } = this.#ordering;
    if (kind === 'trusted') return this.#order.length === 0 || this.#hasPlace(pipelining);
    if (kind === 'proved')
      return this.#order.length === 0 ? this.#fence.isOpen : this.#isFencedThroughout && this.#hasPlace(pipelining);
    return this.#order.length === 0 && this.#fence.isOpen && this.#unnamed === 0;
  }

  /** Whether a probe stands behind each that is outstanding, and none behind what is over. */
  get #isFencedThroughout(): boolean {
    return this.#fence.depth === this.#order.length;
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

  /** Puts a probe behind all that was sent, this request the last of it; to be written by the caller. */
  fence(type: ProbeType, number = 0): Probe {
    const probe = new Probe(type, number);
    this.#fence.push(probe);
    return probe;
  }

  /** Hands on the answer that is held, though nothing proves it: nothing older than its request can have been on the wire. */
  release(): void {
    const held = this.#fence.release();
    const item = held === undefined ? undefined : this.#table.get(held.number);
    if (held === undefined || item === undefined) return;
    this.line = held.line;
    this.fault = held.fault;
    this.#deliver(held.number, item, held.frame, held.kind);
  }

  /** The request whose answer is held; 0 for none. */
  get holding(): number {
    return this.#fence.held?.number ?? 0;
  }

  /** Whether a probe was answered before its request. */
  get isOvertaken(): boolean {
    return this.#isOvertaken;
  }

  /** Whether a stream came in frames without ids: those of an older one could not be told from those of the next. */
  get hasStreamed(): boolean {
    return this.#hasStreamed;
  }

  /** Whether the answer that is held is all that came, but for errors that refuse probes. */
  get isAlone(): boolean {
    return this.#fence.held !== undefined && !this.#fence.isDoubtful;
  }

  /** Takes back a request that was not written. */
  withdraw(number: number): void {
    this.#fence.withdraw(number);
    this.#table.remove(number, 'abandoned');
    this.#leaveOrder(number);
  }

  /** Gives up on a request that may have been written: its reply is owed, and will be swallowed. */
  abandon(number: number, nowMs: number): void {
    const item = this.#table.get(number);
    if (item === undefined || item instanceof Abandoned) return;
    this.#table.replace(number, new Abandoned(item, nowMs));
    this.#abandoned += 1;
  }

  /** Returns when the oldest request that is still abandoned was given up; `undefined` without one. */
  oldestAbandonedMs(): number | undefined {
    if (this.#abandoned === 0) return undefined;
    let oldest = Number.POSITIVE_INFINITY;
    for (const [, item] of this.#table.entries()) {
      if (item instanceof Abandoned && item.sinceMs < oldest) oldest = item.sinceMs;
    }
    return oldest;
  }

  /** Takes all requests out that are awaited, for the caller to fail; forgets the abandoned ones. */
  drain(): Awaiting[] {
    const awaiting: Awaiting[] = [];
    for (const [number, item] of [...this.#table.entries()]) {
      this.#table.remove(number, 'abandoned');
      if (!(item instanceof Abandoned)) awaiting.push(item);
    }
    this.#abandoned = 0;
    this.#order = [];
    this.#fence.clear();
    return awaiting;
  }

  /** Fails the request with this id, and no other. */
  fail(id: unknown, error: ChoragusError): void {
    const number = this.#ids.numberOf(id);
    const item = this.#table.get(number);
    if (item?.isWritten === true) this.#fail(number, item, error);
  }

  #fail(number: number, item: Item, error: ChoragusError): void {
    this.#end(number, item instanceof Abandoned ? 'abandoned' : 'answered');
    if (!(item instanceof Abandoned)) item.failed(error);
  }

  /** Hands a frame to the request that it belongs to, if any. */
  receive(frame: Frame, line?: string, fault?: ChoragusError): Verdict {
    this.line = line;
    this.fault = fault;
    const id = frame.request_id;
    if (id === undefined || id === null) return this.#receiveWithoutId(frame, kindOf(frame.type));
    const number = this.#ids.numberOf(id);
    const item = this.#table.get(number);
    if (item === undefined) return this.#receiveStray(this.#table.pastOf(number));
    // An id that has not left yet was guessed.
    if (!item.isWritten) return this.#receiveStray('unknown');
    const kind = kindOf(frame.type);
    if (this.#fence.held?.number === number) this.#dropHeld();
    if (kind === 'reply' && !isProbeType(item.type)) this.#becomeEchoing();
    else if (item.replyMode === 'stream') this.#leaveOrder(number);
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
    const probe = this.#fence.next;
    if (probe !== undefined) {
      const verdict = this.#receiveAtFence(probe, frame, kind);
      if (verdict !== undefined) return verdict;
    }
    const number = kind === 'reply' ? this.#ownerOfReply(frame) : this.#ownerOfStreamFrame();
    const item = number === undefined ? undefined : this.#table.get(number);
    if (number === undefined || item === undefined) return this.#desync();
    // An abandoned request is no laxer than a live one: a misfit is a peer out of step.
    if (kind === 'reply' && !fits(item.type, replyTypeOf(frame))) return this.#desync();
    if (kind !== 'reply') this.#hasStreamed = true;
    if (kind === 'chunk' || kind === 'streamStart' || this.#echoing || isOwn(item)) {
      return this.#deliver(number, item, frame, kind);
    }
    return this.#receiveUnproved(number, item, frame, kind);
  }

  /** Something without an id came while the answer to a probe is awaited. Returns nothing where it may be an answer to a request. */
  #receiveAtFence(probe: Probe, frame: Frame, kind: FrameKind): Verdict | undefined {
    if (this.#isOvertaken) return this.#fence.take(frame) ? 'fine' : undefined;
    const { held } = this.#fence;
    const isUnanswered = held?.number !== probe.behind && this.#order.includes(probe.behind);
    // What was sent before that request comes before its answer.
    if (isUnanswered && this.#order[0] !== probe.behind) return undefined;
    if (probe.isAnsweredBy(frame)) {
      if (this.#fence.extra > 0) return this.#desync();
      if (isUnanswered) return this.#overtake(probe.behind, frame);
      this.#fence.shift();
      this.release();
      return 'proved';
    }
    if (isUnanswered) return undefined;
    if (held === undefined && this.#echoing) return undefined;
    if (held !== undefined && this.#ordering.kind === 'proved') return this.#desync();
    return this.#refuse(frame, kind);
  }

  /** While a CI is examined, a reply may be its way to refuse a probe. Where there are more replies than probes, one is an answer, and nobody knows which. */
  #refuse(frame: Frame, kind: FrameKind): Verdict {
    if (kind !== 'reply' || this.#fence.extra >= this.#fence.depth) return this.#desync();
    if (this.#fence.held === undefined) this.#fence.shift();
    else {
      this.#fence.extra += 1;
      this.#fence.isDoubtful ||= frame.type !== 'error';
    }
    return 'refused';
  }

  /** The answer to a probe came before that to its request: unless it is just that. */
  #overtake(number: number, frame: Frame): Verdict | undefined {
    const owner = this.#table.get(number) as Item;
    if (owner.type !== '' && fits(owner.type, frame.type)) return undefined;
    if (this.#fence.held !== undefined) return this.#desync();
    this.#fence.shift();
    if (asksStream(owner)) {
      // Sent from a task of its own, perhaps: then it begins by a frame with its id. Until then its place is taken.
      this.#overtakenStream = number;
      return 'fine';
    }
    this.#isOvertaken = true;
    return 'overtaken';
  }

  /** An answer that belongs to this request by the order, as far as that goes. */
  #receiveUnproved(number: number, item: Item, frame: Frame, kind: FrameKind): Verdict {
    const before = this.#unnamed;
    this.#unnamed += 1;
    const { kind: ordering } = this.#ordering;
    if (this.#isOvertaken || number === this.#overtakenStream) {
      if (this.#order.length > 1) return this.#desync();
      // Nothing older can have been on the wire, or else nobody knows whether it was.
      if (before === 0) this.#deliver(number, item, frame, kind);
      else this.#fail(number, item, unprovedReply());
      return 'concurrent';
    }
    const isBehind = this.#fence.isBehind(number);
    if (!isBehind && (ordering === 'trusted' || (ordering === 'fresh' && before === 0))) {
      return this.#deliver(number, item, frame, kind);
    }
    // Another answer waits for its proof, or an older probe was not answered.
    if (this.#fence.held !== undefined || (isBehind && this.#fence.next?.behind !== number)) return this.#desync();
    this.#fence.held = { number, frame, kind, line: this.line, fault: this.fault };
    return isBehind ? 'fenced' : 'held';
  }

  /** The answer that was held was none: the request's own came, with its id. */
  #dropHeld(): void {
    this.#fence.release();
    this.#strays.unsolicited += 1;
  }

  #ownerOfReply(frame: Frame): number | undefined {
    // Also an error, and beside a stream under way: a stream that has begun ends by a frame with its id.
    if (!this.#echoing && this.#order.length > 0) return this.#writtenFirst();
    const only = this.#only(() => true);
    if (only === undefined || this.#echoing) return only;
    // On a FIFO wire what is left is a stream under way; nothing but an error can end it without an id, where order is trusted.
    return frame.type === 'error' && this.#ordering.kind === 'trusted' ? only : undefined;
  }

  /** The one whose turn it is; nobody's, when that one has not been written yet. */
  #writtenFirst(): number | undefined {
    const first = this.#order[0] as number;
    return this.#table.get(first)?.isWritten === true ? first : undefined;
  }

  #ownerOfStreamFrame(): number | undefined {
    return this.#only((item) => item.replyMode === 'stream');
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
    const isFitting = kind === 'reply' ? fits(item.type, replyTypeOf(frame)) : item.replyMode === 'stream';
    const isLast = !isFitting || (kind !== 'chunk' && kind !== 'streamStart');
    if (isLast) this.#end(number, item instanceof Abandoned ? 'abandoned' : 'answered');
    if (item instanceof Abandoned) this.#strays.lateReplies += 1;
    else if (isFitting) handOver(item, frame, kind);
    else item.failed(wrongReplyType(item.type));
    // A peer that answers what was not asked is out of step, also where nobody waits for the answer.
    if (isFitting) return 'fine';
    return this.#echoing ? 'retire' : 'desync';
  }

  #end(number: number, ending: 'answered' | 'abandoned'): void {
    if (this.#table.get(number) instanceof Abandoned) this.#abandoned -= 1;
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
   * A ping is answered at once, so a request may stand behind one, where the order is trusted. Nothing may stand behind a stream that has not
   * begun: a peer that cannot stream answers it with one reply without an id, and that could be either's.
   */
  #hasPlace(pipelining: number): boolean {
    let taken = 0;
    for (const number of this.#order) {
      const item = this.#table.get(number);
      if (item?.replyMode === 'stream') return false;
      if (item?.type !== 'ping' || this.#ordering.kind === 'proved') taken += 1;
    }
    return taken < pipelining;
  }
}
