import {
  faults,
  type RequestScript,
  type ScriptedCi,
  type ScriptedConnection,
  type ScriptedRequest,
  scriptedCi,
} from '../../../src/testing/index.js';
import type { FaultCell } from './fault-cell.js';

/** Maximum length of a reply line in the pools of the cells. */
export const MAX_REPLY_BYTES = 4_096;

/** Bytes in a packet of a split answer: no whole character of four bytes fits. */
const SPLIT_BYTES = 3;

/** Time between two bytes of a slow-loris: far under every timeout, and far too slow to get too long. */
const DRIBBLE_MS = 5;

/** The peer of one cell. It answers all requests correctly except the one that meets the fault. */
export class FaultyPeer {
  readonly ci: ScriptedCi;
  readonly #cell: FaultCell;
  readonly #late: ScriptedRequest[] = [];
  #isStruck = false;
  /** Connections in the middle of an endless line, which can send nothing else. */
  readonly #stuck = new Set<ScriptedConnection>();

  private constructor(ci: ScriptedCi, cell: FaultCell) {
    this.ci = ci;
    this.#cell = cell;
  }

  static async open(cell: FaultCell): Promise<FaultyPeer> {
    // Without a proof to come, its probes get no answer.
    const ci = await scriptedCi({ probes: cell.reply === 'unproved' ? 'scripted' : 'answered' });
    const peer = new FaultyPeer(ci, cell);
    ci.onRequest(peer.#onRequest);
    return peer;
  }

  /** Returns how often this text came. */
  timesGot(content: string): number {
    return this.ci.received.filter(({ message }) => message.content === content).length;
  }

  /** Applies the fault to this request, or to its connection. */
  misbehave(request: ScriptedRequest): void {
    this.#isStruck = true;
    const { connection } = request;
    switch (this.#cell.reply) {
      case 'no reply':
        return;
      case 'late':
        this.#late.push(request);
        return;
      case 'twice':
        return request.replyText(this.#answerTo(request).repeat(2));
      case 'unproved':
        return request.replyText(this.#answerTo(request));
      case 'split bytes':
        void connection.sendSplit(this.#answerTo(request), SPLIT_BYTES).then(() => request.replyText(''));
        return;
      case 'slow-loris':
        this.#stuck.add(connection);
        return dribble(connection);
      default:
        return broken[this.#cell.reply](request, this.ci);
    }
  }

  /** Applies the fault to the last request with this text. */
  misbehaveTo(content: string): void {
    const request = this.ci.received.findLast(({ message }) => message.content === content);
    if (request === undefined) throw new Error(`${content} never came`);
    this.misbehave(request);
  }

  /** Sends the owed answers after their requests have gone. */
  answerLate(): void {
    for (const request of this.#late.splice(0)) request.replyText(this.#answerTo(request));
  }

  /** Waits until every client has left, then closes. */
  async close(): Promise<void> {
    for (const connection of this.ci.connections) connection.resume();
    await this.ci.closed();
    await this.ci.close();
  }

  readonly #onRequest: RequestScript = (request) => {
    const { content } = request.message;
    const { moment } = this.#cell;
    if (this.#stuck.has(request.connection)) return;
    if (content === undefined) return this.#onProbe(request);
    if (moment === 'mid-stream' && content === 'tested') request.chunk('to ');
    else if (content === 'before' || (moment === 'in flight' && content === 'tested')) this.misbehave(request);
    else request.replyText(this.#answerTo(request));
  };

  /** Answers probes until the test has begun. */
  #onProbe(request: ScriptedRequest): void {
    const { type } = request.message;
    if (this.#isStruck) return;
    request.reply({ type: type === 'ping' ? 'pong' : `${type}_response` });
  }

  /** Returns the correct answer, or the rest of it: stream frames always carry ids, replies only if the peer echoes. */
  #answerTo({ message: { request_id, content, stream } }: ScriptedRequest): string {
    const frame = (fields: object): string => `${JSON.stringify({ note: '世界 🎭', ...fields })}\n`;
    if (stream !== true) {
      const id = this.#cell.manner === 'byId' ? { request_id } : {};
      return frame({ type: 'chat_response', ...id, content: `to ${content}` });
    }
    const isUnderWay = this.#cell.moment === 'mid-stream' && content === 'tested';
    const first = isUnderWay ? '' : frame({ type: 'stream_chunk', request_id, content: 'to ' });
    return `${first}${frame({ type: 'stream_chunk', request_id, content })}${frame({ type: 'stream_end', request_id })}`;
  }
}

const broken = {
  'reset mid-line': faults.resets(),
  garbage: faults.garbage(),
  'not an object': faults.notAnObject(),
  oversize: faults.oversize(2 * MAX_REPLY_BYTES),
  'half-open': faults.halfOpen(),
} as const;

/** Begins a line and continues it as long as its client stays. */
function dribble(connection: ScriptedConnection): void {
  connection.send('{"type":"chat_response","content":"');
  const timer = setInterval(() => connection.send('z'), DRIBBLE_MS).unref();
  void connection.closed.then(() => clearInterval(timer));
}
