import type { Frame, Ordering } from '../contract/index.js';
import { type ChoragusError, unprovedReply, wrongReplyType } from '../errors/index.js';
import { Abandoned, type Awaiting, asksStream, handOver, isOwn, type StrayCounts, type Verdict } from './awaiting.js';
import { Fence, isProbeType, Probe, type ProbeType } from './fence.js';
import { type FrameKind, fits, kindOf, replyTypeOf } from './frame-codec.js';
import { RequestIds } from './request-ids.js';
import { type Past, SlotTable } from './slot-table.js';

type Item = Awaiting | Abandoned;

/** How the answers of a CI are matched to requests, as far as is known now. */
export interface Order {
  readonly kind: Ordering;
}

const trusted: Order = { kind: 'trusted' };

/**
 * Matches the replies of one connection to its requests.
 *
 * After a reply has echoed a `request_id`, replies are matched by id. Ids on stream frames and on probe replies do not
 * count for this: some peers send them without echoing ids on replies. Before that, replies are matched in the order of
 * the requests, and the order is proved: an answer is held until the reply to the probe behind it arrives, with no
 * frame in between. An abandoned request keeps its entry, so that its late reply is dropped and never reaches another
 * request.
 *
 * @see `docs/concepts.md`, "How a reply finds its request".
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
  /** How many answers to requests came without an id. */
  #unnamed = 0;
  /** Whether a probe was answered before its request. The order then proves nothing. */
  #isOvertaken = false;
  /** The number of the stream whose probe was answered before the stream began; 0 if none. */
  #overtakenStream = 0;
  #hasStreamed = false;
  /** The line of the frame that is being delivered; undefined on a wire without lines. */
  line: string | undefined;
  /** Why that line is not valid JSON; undefined if it is. */
  fault: ChoragusError | undefined;

  /** Creates the table of one connection. `prefix` makes its ids differ from those of every other connection. */
  constructor(prefix: string, strays: StrayCounts, ordering: Order = trusted) {
    this.#ids = new RequestIds(prefix);
    this.#strays = strays;
    this.#ordering = ordering;
  }

  get isEchoing(): boolean {
    return this.#echoing;
  }

  /** Returns the number of requests that wait for an answer, without abandoned ones. */
  get live(): number {
    return this.#table.size - this.#abandoned;
  }

  get abandoned(): number {
    return this.#abandoned;
  }

  /** Returns whether no request is in flight or abandoned, and no probe is open. */
  get isEmpty(): boolean {
    return this.#table.size === 0 && this.#fence.isOpen;
  }

  /** Returns whether a proof is pending, for a held answer or for one that has not arrived. */
  get isFenced(): boolean {
    return !this.#fence.isOpen;
  }

  /** Returns how many answers to requests came without an id. */
  get unnamed(): number {
    return this.#unnamed;
  }

  /** Returns whether one more request can be sent without risk of a mismatch. */
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

  /** Returns whether each request has a probe behind it, and no older probe is open. */
  get #isFencedThroughout(): boolean {
    return this.#fence.depth === this.#order.length;
  }

  /** Adds a request and returns its number. */
  add(awaiting: Awaiting): number {
    const number = this.#table.add(awaiting);
    if (!this.#echoing) this.#order.push(number);
    return number;
  }

  /** Returns the `request_id` of a number. */
  idOf(number: number): string {
    return this.#ids.idOf(number);
  }

  /** Adds a probe behind all requests sent so far, `number` being the last one. The caller writes it. */
  fence(type: ProbeType, number = 0): Probe {
    const probe = new Probe(type, number);
    this.#fence.push(probe);
    return probe;
  }

  /** Delivers the held answer without a proof. The caller knows that no older answer can be on the wire. */
  release(): void {
    const held = this.#fence.release();
    const item = held === undefined ? undefined : this.#table.get(held.number);
    if (held === undefined || item === undefined) return;
    this.line = held.line;
    this.fault = held.fault;
    this.#deliver(held.number, item, held.frame, held.kind);
  }

  /** Returns the number of the request whose answer is held; 0 if none is. */
  get holding(): number {
    return this.#fence.held?.number ?? 0;
  }

  /** Returns whether a probe was answered before its request. */
  get isOvertaken(): boolean {
    return this.#isOvertaken;
  }

  /** Returns whether a stream came without ids. Its late frames could not be told from those of the next stream. */
  get hasStreamed(): boolean {
    return this.#hasStreamed;
  }

  /** Returns whether no frame but the held answer came, apart from errors that refuse probes. */
  get isAlone(): boolean {
    return this.#fence.held !== undefined && !this.#fence.isDoubtful;
  }

  /** Removes a request that was not written. */
  withdraw(number: number): void {
    this.#fence.withdraw(number);
    this.#table.remove(number, 'abandoned');
    this.#leaveOrder(number);
  }

  /** Abandons a request that may have been written. Its late reply will be dropped. */
  abandon(number: number, nowMs: number): void {
    const item = this.#table.get(number);
    if (item === undefined || item instanceof Abandoned) return;
    this.#table.replace(number, new Abandoned(item, nowMs));
    this.#abandoned += 1;
  }

  /** Returns when the oldest abandoned request was abandoned; undefined if there is none. */
  oldestAbandonedMs(): number | undefined {
    if (this.#abandoned === 0) return undefined;
    let oldest = Number.POSITIVE_INFINITY;
    for (const [, item] of this.#table.entries()) {
      if (item instanceof Abandoned && item.sinceMs < oldest) oldest = item.sinceMs;
    }
    return oldest;
  }

  /** Removes and returns all waiting requests, for the caller to fail. Forgets the abandoned ones. */
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

  /** Fails the request with this id. Does nothing if no written request has it. */
  fail(id: unknown, error: ChoragusError): void {
    const number = this.#ids.numberOf(id);
    const item = this.#table.get(number);
    if (item?.isWritten === true) this.#fail(number, item, error);
  }

  #fail(number: number, item: Item, error: ChoragusError): void {
    this.#end(number, item instanceof Abandoned ? 'abandoned' : 'answered');
    if (!(item instanceof Abandoned)) item.failed(error);
  }

  /** Delivers a frame to its request, or counts it as stray. */
  receive(frame: Frame, line?: string, fault?: ChoragusError): Verdict {
    this.line = line;
    this.fault = fault;
    const id = frame.request_id;
    if (id === undefined || id === null) return this.#receiveWithoutId(frame, kindOf(frame.type));
    const number = this.#ids.numberOf(id);
    const item = this.#table.get(number);
    if (item === undefined) return this.#receiveStray(this.#table.pastOf(number));
    // A peer cannot know an id that was not sent: it guessed.
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
    // A late reply is checked like any other: a misfit means that the peer is out of step.
    if (kind === 'reply' && !fits(item.type, replyTypeOf(frame))) return this.#desync();
    if (kind !== 'reply') this.#hasStreamed = true;
    if (kind === 'chunk' || kind === 'streamStart' || this.#echoing || isOwn(item)) {
      return this.#deliver(number, item, frame, kind);
    }
    return this.#receiveUnproved(number, item, frame, kind);
  }

  /** Handles a frame without an id while a probe is open. Returns undefined if the frame may answer a request. */
  #receiveAtFence(probe: Probe, frame: Frame, kind: FrameKind): Verdict | undefined {
    if (this.#isOvertaken) return this.#fence.take(frame) ? 'fine' : undefined;
    const { held } = this.#fence;
    const isUnanswered = held?.number !== probe.behind && this.#order.includes(probe.behind);
    // Answers to older requests arrive first.
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

  /** Takes a reply as the refusal of a probe, while a CI is examined. Of more replies than probes, one is an answer. */
  #refuse(frame: Frame, kind: FrameKind): Verdict {
    if (kind !== 'reply' || this.#fence.extra >= this.#fence.depth) return this.#desync();
    if (this.#fence.held === undefined) this.#fence.shift();
    else {
      this.#fence.extra += 1;
      this.#fence.isDoubtful ||= frame.type !== 'error';
    }
    return 'refused';
  }

  /** Handles a probe's reply before its request's answer. Returns undefined if the frame can be that answer itself. */
  #overtake(number: number, frame: Frame): Verdict | undefined {
    const owner = this.#table.get(number) as Item;
    if (owner.type !== '' && fits(owner.type, frame.type)) return undefined;
    if (this.#fence.held !== undefined) return this.#desync();
    this.#fence.shift();
    if (asksStream(owner)) {
      // The peer may stream from its own task: a frame with an id then begins the stream. Its slot stays taken.
      this.#overtakenStream = number;
      return 'fine';
    }
    this.#isOvertaken = true;
    return 'overtaken';
  }

  /** Handles an answer that matches this request by order alone. */
  #receiveUnproved(number: number, item: Item, frame: Frame, kind: FrameKind): Verdict {
    const before = this.#unnamed;
    this.#unnamed += 1;
    const { kind: ordering } = this.#ordering;
    if (this.#isOvertaken || number === this.#overtakenStream) {
      if (this.#order.length > 1) return this.#desync();
      // The first answer on the connection is safe: no older one can be on the wire. Any other is not.
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

  /** Drops the held answer: the request's own answer came, with its id. */
  #dropHeld(): void {
    this.#fence.release();
    this.#strays.unsolicited += 1;
  }

  #ownerOfReply(frame: Frame): number | undefined {
    // Errors, too, and also beside an active stream: a stream that has begun ends with a frame that has its id.
    if (!this.#echoing && this.#order.length > 0) return this.#writtenFirst();
    const only = this.#only(() => true);
    if (only === undefined || this.#echoing) return only;
    // Without ids, only an active stream is left. If the order is trusted, an error may end it without an id.
    return frame.type === 'error' && this.#ordering.kind === 'trusted' ? only : undefined;
  }

  /** Returns the first request in order; undefined if it was not written. */
  #writtenFirst(): number | undefined {
    const first = this.#order[0] as number;
    return this.#table.get(first)?.isWritten === true ? first : undefined;
  }

  #ownerOfStreamFrame(): number | undefined {
    return this.#only((item) => item.replyMode === 'stream');
  }

  /** Returns the number of the only item that passes; undefined if there is none, or more than one. */
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
    // A peer that sends a reply of the wrong type is out of step, also if the request was abandoned.
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
   * Returns whether another request may be sent before older ones are answered. If the order is trusted, a ping takes no
   * slot. None may follow a stream that has not begun: a single reply without an id could belong to either.
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
