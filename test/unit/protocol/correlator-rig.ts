import type { Frame, Ordering } from '../../../src/contract/index.js';
import type { ChoragusError } from '../../../src/errors/index.js';
import type { Awaiting, StrayCounts } from '../../../src/protocol/awaiting.js';
import { Correlator } from '../../../src/protocol/correlator.js';
import type { Probe, ProbeType } from '../../../src/protocol/fence.js';

/** A request that records what it receives. */
export class Recorder implements Awaiting {
  readonly type: string;
  readonly replyMode: 'whole' | 'stream';
  /** Written as soon as it is sent, unless a test says otherwise. */
  isWritten = true;
  /** What it received, in order: `chunk hi`, `answered hi`, `ended`, `failed ci_error`. */
  readonly log: string[] = [];
  readonly frames: Frame[] = [];
  readonly errors: ChoragusError[] = [];

  constructor(type: string, replyMode: 'whole' | 'stream') {
    this.type = type;
    this.replyMode = replyMode;
  }

  /** How often it ended; more than once is a fault of the correlator. */
  get endings(): number {
    return this.log.filter((entry) => !entry.startsWith('chunk')).length;
  }

  chunk(frame: Frame): void {
    this.#note('chunk', frame);
  }

  answered(frame: Frame): void {
    this.#note('answered', frame);
  }

  ended(frame: Frame): void {
    this.#note('ended', frame);
  }

  failed(error: ChoragusError): void {
    this.errors.push(error);
    this.log.push(`failed ${error.code}`);
  }

  #note(what: string, frame: Frame): void {
    this.frames.push(frame);
    this.log.push(typeof frame.content === 'string' ? `${what} ${frame.content}` : what);
  }
}

/** A request that was sent. */
export interface Sent {
  readonly number: number;
  readonly id: string;
  readonly request: Recorder;
  readonly log: readonly string[];
}

/** A correlator with a scripted user. */
export interface Rig {
  readonly correlator: Correlator;
  readonly strays: StrayCounts;
  /** How answers are told apart; a test may change it, as the judge of the CI does. */
  readonly order: { kind: Ordering };
  send(type?: string, replyMode?: 'whole' | 'stream'): Sent;
  chat(): Sent;
  /** Returns the chat with this number; the earlier ones are taken back. */
  numbered(number: number): Sent;
  stream(): Sent;
  ping(): Sent;
  /** Writes a probe behind this request, or behind everything sent. */
  probe(type: ProbeType, behind?: Sent): Probe;
  /** A chat with a probe behind it. */
  fenced(type?: ProbeType): Sent;
  /** Makes the peer count as echoing, with nothing left outstanding by it. */
  echo(): void;
}

export const prefix = 'abc123.';

/** Makes a correlator and the means to watch it. */
export function rig(kind: Ordering = 'trusted'): Rig {
  const strays: StrayCounts = { lateReplies: 0, duplicates: 0, unsolicited: 0 };
  const order = { kind };
  const correlator = new Correlator(prefix, strays, order);
  const send = (type = 'chat', replyMode: 'whole' | 'stream' = 'whole'): Sent => {
    const request = new Recorder(type, replyMode);
    const number = correlator.add(request);
    return { number, id: correlator.idOf(number), request, log: request.log };
  };
  const probe = (type: ProbeType, behind?: Sent): Probe => {
    const sent = correlator.fence(type, behind?.number);
    sent.commit();
    return sent;
  };
  return {
    correlator,
    strays,
    order,
    send,
    chat: () => send(),
    numbered: (number) => {
      for (let before = 1; before < number; before += 1) correlator.withdraw(send().number);
      return send();
    },
    stream: () => send('chat', 'stream'),
    ping: () => send('ping'),
    probe,
    fenced: (type = 'ping') => {
      const sent = send();
      probe(type, sent);
      return sent;
    },
    echo: () => {
      correlator.receive({ type: 'chat_response', content: 'echo', request_id: send().id });
    },
  };
}

/** A chat's reply; with an id if one is given. */
export function reply(content: string, request_id?: unknown): Frame {
  return request_id === undefined ? { type: 'chat_response', content } : { type: 'chat_response', content, request_id };
}

export const pong: Frame = { type: 'pong', ai_id: 'apollo' };
export const healthy: Frame = { type: 'health_response', status: 'healthy' };
export const failure: Frame = { type: 'error', error: 'no model' };
