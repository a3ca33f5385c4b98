import type { Observable } from 'rxjs';
import { expect } from 'vitest';
import {
  type ChoragusError,
  type Chunk,
  createPool,
  ollamaTransport,
  openAiTransport,
  type Pool,
  type Reply,
} from '../../../../src/index.js';
import { type Cut, cuts, type End, ends, RawModel, type RawReply } from './raw-model.js';
import type { Wire } from './row.js';

/** Grace of the pool for rows with `grace`, in ms. The grace of the other pool is longer than every deadline here. */
const SHORT_GRACE_MS = 40;
export const DEADLINE_MS = 5_000;
/** Time after the deadline of a request, in ms, after which it counts as hanging. */
const HANG_MS = 2_000;

/** A well-formed answer of each kind of server. */
export const goodReplies: Record<Wire, RawReply> = {
  openai: {
    body: 'data: {"choices":[{"index":0,"delta":{"content":"all is well"},"finish_reason":null}]}\n\ndata: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    headers: ['content-type: text/event-stream'],
    end: 'clean',
  },
  ollama: {
    body: '{"message":{"role":"assistant","content":"all is well"},"done":false}\n{"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}\n',
    headers: ['content-type: application/x-ndjson'],
    end: 'clean',
  },
};

/** The message that asks for an end and a cut. */
export const askingFor = (end: End, cut: Cut): string => `say it ${cut}, then ${end}`;

/** A raw server with the pools that ask it. */
export class Fixture implements AsyncDisposable {
  readonly #pools = new Map<boolean, Pool>();
  readonly wire: Wire;
  readonly server: RawModel;

  private constructor(wire: Wire, server: RawModel) {
    this.wire = wire;
    this.server = server;
  }

  static async open(wire: Wire): Promise<Fixture> {
    return new Fixture(wire, await RawModel.listen());
  }

  /** Returns the pool. `maxRestarts` is 0: a single crash of an actor would quarantine the agent (CI). */
  pool(grace = false): Pool {
    const known = this.#pools.get(grace);
    if (known !== undefined) return known;
    const finishGraceMs = grace ? SHORT_GRACE_MS : 60_000;
    const scheme = this.wire === 'openai' ? 'openai+http' : 'ollama';
    const made = createPool({
      cis: { muse: `${scheme}://127.0.0.1:${this.server.port}/llama` },
      transports: { 'openai+http': openAiTransport({ finishGraceMs }), ollama: ollamaTransport({ finishGraceMs }) },
      logger: false,
      maxConnections: 24,
      maxRestarts: 0,
    });
    this.#pools.set(grace, made);
    return made;
  }

  /** Sets what the next requests get. */
  answerWith(reply: RawReply): void {
    this.server.replyTo = () => this.#complete(reply);
  }

  /** Sets what the next requests get. Their message chooses the end and the cut: see `askingFor`. */
  answerAsAsked(reply: Omit<RawReply, 'end' | 'cut'>): void {
    this.server.replyTo = ({ body }) => {
      const end = ends.find((one) => cuts.some((cut) => body.includes(askingFor(one, cut)))) ?? 'clean';
      return this.#complete({ ...reply, end, cut: cuts.find((cut) => body.includes(askingFor(end, cut))) });
    };
  }

  #complete(reply: RawReply): RawReply {
    return { ...reply, headers: reply.headers ?? goodReplies[this.wire].headers };
  }

  /** Asks once more, and fails unless the well-formed answer comes. */
  async expectGood(grace = false): Promise<void> {
    this.answerWith(goodReplies[this.wire]);
    const seen = await see(this.pool(grace).ask('muse', 'are you well?', { deadlineMs: DEADLINE_MS }), DEADLINE_MS);
    expect(seen.error, 'the request right afterwards').toBeUndefined();
    expect(seen.replies.map(({ content }) => content)).toEqual(['all is well']);
    expect(this.pool(grace).snapshot().cis.muse?.state).not.toBe('quarantined');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close({ drainTimeoutMs: 0 })));
    await this.server[Symbol.asyncDispose]();
  }
}

/** The outcome of one request. */
export interface Seen {
  readonly replies: readonly Reply[];
  readonly chunks: readonly Chunk[];
  readonly error?: ChoragusError;
  /** How many times the observable completed or failed. */
  readonly ends: number;
}

/** Subscribes, and resolves when the observable ends. Rejects if it does not. */
export function see(source: Observable<Reply | Chunk>, deadlineMs: number): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const replies: Reply[] = [];
    const chunks: Chunk[] = [];
    let ends = 0;
    const hang = setTimeout(() => reject(new Error(`no end within ${deadlineMs + HANG_MS} ms`)), deadlineMs + HANG_MS);
    const end = (error?: ChoragusError) => {
      ends += 1;
      clearTimeout(hang);
      // A second end would come within this turn.
      if (ends === 1) setImmediate(() => resolve({ replies, chunks, ends, ...(error && { error }) }));
    };
    source.subscribe({
      next: (one) => void ('timings' in one ? replies.push(one) : chunks.push(one)),
      error: end,
      complete: () => end(),
    });
  });
}
