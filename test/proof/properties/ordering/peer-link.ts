import type { Frame } from '../../../../src/index.js';
import type { ManualClock, MemoryPeer } from '../../../../src/testing/index.js';
import { DelayLine } from './delay-line.js';
import type { Dice } from './dice.js';
import { Faults, type FaultyLink } from './faults.js';
import { isFence, isProbe, probeReplyTo, replyTo, streamTo } from './lines.js';
import type { Manner } from './manners.js';

const IDLE_CLOSE_MS = 300;
const PIECE_GAP_MS = 2;

/** The part of a peer that its links use. */
export interface LinkOwner {
  readonly clock: ManualClock;
  readonly manner: Manner;
  /** One way of the wire, in ms. */
  readonly latencyMs: number;
  /** A line came. */
  received(request: Frame): void;
  /** Returns a time in seconds, different at each call. */
  timestamp(): number;
}

/** A line, or the end of the link: a clean close, or a failure. */
type Packet = Frame | 'close' | 'fail';

/** A peer's end of one link. */
export class PeerLink implements FaultyLink {
  readonly dice: Dice;
  readonly #peer: MemoryPeer;
  readonly #owner: LinkOwner;
  readonly #faults: Faults;
  readonly #out: DelayLine<Packet>;
  readonly #waiting: Frame[] = [];
  #isBusy = false;
  #isOver = false;
  #answers = 0;
  #lastAnswerMs = 0;
  #hasExtra = false;

  constructor(peer: MemoryPeer, owner: LinkOwner, dice: Dice) {
    this.#peer = peer;
    this.#owner = owner;
    this.dice = dice;
    this.#faults = new Faults(this, owner.manner);
    this.#out = new DelayLine(owner.clock, owner.latencyMs, (packets) => this.#transmit(packets));
    const inbox = new DelayLine<Frame>(owner.clock, owner.latencyMs, (requests) => {
      for (const request of requests) this.#receive(request);
    });
    peer.onRequest((request) => inbox.push(request));
    void peer.closed.then(() => {
      this.#isOver = true;
    });
    this.#faults.connected();
  }

  /** Whether a cut now misleads no client: no extra line was sent since the last reply to a probe. */
  get mayBeCut(): boolean {
    return !this.#isOver && !this.#hasExtra;
  }

  end(how: 'close' | 'fail'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#out.push(how);
  }

  say(frame: Frame): void {
    if (!this.#isOver) this.#out.push(frame);
  }

  sayExtra(frame: Frame): void {
    this.#hasExtra = true;
    this.say(frame);
  }

  after(ms: number, then: () => void): void {
    if (ms === 0) return then();
    this.#owner.clock.setTimeout(() => this.#isOver || then(), ms, 'background');
  }

  #transmit(packets: readonly Packet[]): void {
    let text = '';
    for (const packet of packets) if (typeof packet !== 'string') text += `${JSON.stringify(packet)}\n`;
    if (text !== '') this.#peer.sendRaw(text);
    const last = packets.at(-1);
    if (last === 'close') this.#peer.close();
    if (last === 'fail') this.#peer.fail();
  }

  #receive(request: Frame): void {
    this.#owner.received(request);
    if (this.#isOver) return;
    if (!isProbe(request)) this.#faults.asked();
    if (this.#owner.manner.serving === 'sideBySide') {
      return this.after(this.dice.upTo(this.#owner.manner.workMs), () => this.#answer(request, () => {}));
    }
    this.#waiting.push(request);
    this.#work();
  }

  #work(): void {
    if (this.#isBusy) return;
    const request = this.#waiting.shift();
    if (request === undefined) return;
    this.#isBusy = true;
    this.after(isProbe(request) ? 0 : this.dice.upTo(this.#owner.manner.workMs), () => {
      this.#answer(request, () => {
        this.#isBusy = false;
        this.#work();
      });
    });
  }

  #answer(request: Frame, done: () => void): void {
    if (this.#isOver) return;
    const { manner } = this.#owner;
    if (isProbe(request)) return this.#answerProbe(request, done);
    if (request.stream === true && manner.streaming !== 'none') return this.#stream(request, done);
    const answered = (): void => {
      this.#answered();
      done();
    };
    this.#faults.answer(String(request.content), replyTo(request, manner), answered);
  }

  #answerProbe(request: Frame, done: () => void): void {
    const reply = probeReplyTo(request, this.#owner.manner, () => this.#owner.timestamp());
    if (reply === 'hangUp') return this.end('close');
    if (reply !== undefined) this.say(reply);
    if (reply !== undefined && isFence(request)) {
      this.#hasExtra = false;
      this.#faults.probed(reply);
    }
    // A caller's own probe is a question like any other.
    if (request.content !== undefined) this.#answered();
    done();
  }

  /** Sends a stream. With `frames`, a background task sends it, and the peer reads on meanwhile. */
  #stream(request: Frame, done: () => void): void {
    const isBackground = this.#owner.manner.streaming === 'frames';
    const frames = [...streamTo(request, this.#owner.manner)];
    const next = (): void => {
      const frame = frames.shift();
      if (frame !== undefined) {
        this.say(frame);
        return this.after(this.dice.upTo(PIECE_GAP_MS), next);
      }
      this.#answered();
      if (!isBackground) done();
    };
    next();
    if (isBackground) done();
  }

  #answered(): void {
    const { closes } = this.#owner.manner;
    const { clock } = this.#owner;
    this.#answers += 1;
    this.#lastAnswerMs = clock.now();
    if (closes === 'afterEach' || (closes === 'afterFive' && this.#answers === 5)) this.end('close');
    if (closes !== 'idle') return;
    this.after(IDLE_CLOSE_MS, () => {
      if (clock.now() - this.#lastAnswerMs >= IDLE_CLOSE_MS) this.end('close');
    });
  }
}
