import { expect } from 'vitest';
import { createPool, type Frame, type Pool, type Reply } from '../../../src/index.js';
import { ManualClock, type MemoryPeer, memoryTransport } from '../../../src/testing/index.js';
import { isProbe, probeReply } from '../../support/probes.js';
import { type Watched, watch } from '../../support/watch.js';
import { settled } from './held-wire.js';
import type { Learnt } from './ordering-paths.js';

/** Longer than any path takes. */
const FOREVER_MS = 1e9;
/** A CI with a fresh link for each request is examined again after this time, in ms. */
const BETWEEN_EXAMINATIONS_MS = 300_000;
/** Longest wait for the answer to the first probe, in ms. */
const FIRST_PATIENCE_MS = 500;

/** A link that broke at a probe may have been cut by chance: after this many in a row, closing counts as the CI's habit. */
const MOST_CUTS = 4;

/** A line that reached the CI, and has no answer yet. */
interface Line {
  readonly peer: MemoryPeer;
  readonly request: Frame;
}

/** A request with the line in which it reached the CI. */
interface Asked {
  readonly content: string;
  readonly watched: Watched<Reply>;
  readonly line: Line;
}

/** A step of a path. */
interface Step {
  readonly type: Learnt;
  readonly before: unknown;
  /** Whether the question of this step is answered in a later step, in which its probe overtakes it. */
  readonly holdsOne: boolean;
  /** Which of the ways to cause the event is used. */
  readonly way: number;
  /** What the CI does with the probes of an examination in progress when it is found to work on several lines at once. */
  readonly examination: 'silent' | 'answered';
}

/** A real pool, with a CI on the memory wire that answers line by line as each step needs. */
export class OrderingWorld {
  readonly clock: ManualClock;
  readonly pool: Pool;
  readonly asked: Watched<Reply>[] = [];
  readonly #peers = new Set<MemoryPeer>();
  /** Unanswered lines, in the order of arrival. */
  readonly #inbox: Line[] = [];
  #questions = 0;
  #record: 'clean' | 'violated' = 'clean';
  /** The request that was answered without an id; the CI is examined behind it. */
  #examined: Asked | undefined;
  /** The request that the CI has held since its order was proved. */
  #held: Asked | undefined;

  constructor(ordering: 'proved' | 'trusted', startMs = 1) {
    this.clock = new ManualClock(startMs);
    const wire = memoryTransport({ clock: this.clock });
    wire.listen('apollo', (peer) => this.#accept(peer));
    this.pool = createPool({
      cis: { apollo: { url: 'memory://apollo', ordering } },
      transports: { memory: wire },
      clock: this.clock,
      logger: false,
      random: () => 0,
      maxConnections: 8,
      reconnectDelayMs: 1,
      maxReconnectDelayMs: 1,
      minRedialIntervalMs: 1,
      requestTimeoutMs: FOREVER_MS,
      degradeAfterFailures: 1_000,
    });
  }

  /** Returns how the pool tells the answers of the CI apart. */
  get ordering(): unknown {
    return this.pool.snapshot().cis.apollo?.ordering;
  }

  /** Causes the event that teaches the pool this. */
  async act(step: Step): Promise<void> {
    if (step.holdsOne) this.#held = await this.#ask();
    await this.#acts[step.type](step);
    await settled();
  }

  /** Sends two requests to a CI that behaves as this state says. */
  async askAsKnown(state: unknown): Promise<void> {
    for (let i = 0; i < 2; i += 1) {
      const asked = await this.#ask();
      this.#answer(asked, state === 'byId');
      await this.#answerProbes(asked.line.peer);
      expect(asked.watched.outcome).toBe('reply');
    }
  }

  readonly #acts: Readonly<Record<Learnt, (step: Step) => Promise<void>>> = {
    'answer.named': async ({ before, way }) => {
      const asked = this.#examined ?? (await this.#ask());
      this.#examined = undefined;
      // If a first line is not believed before more is known, it may be anything.
      if (before !== 'fresh' && way % 2 === 1) this.#stray(asked);
      await settled();
      this.#answer(asked, true);
      await this.#answerProbes(asked.line.peer);
      expect(asked.watched.outcome).toBe('reply');
    },
    'answer.unnamed': async () => {
      await this.#leaveAll();
      this.#examined = await this.#ask();
      this.#answer(this.#examined, false);
    },
    'answer.unproved': async ({ way }) => {
      const leaves = way % 2 === 0 ? 'close' : 'fail';
      for (let times = 0; times < MOST_CUTS && this.ordering === 'proved'; times += 1) {
        const asked = await this.#ask();
        this.#answer(asked, false);
        asked.line.peer[leaves]();
        await settled();
        // Only after a clean end is it certain that no more was to come; and only a CI without extra lines is believed.
        const isBelieved = leaves === 'close' && this.#record === 'clean';
        expect(asked.watched.outcome).toBe(isBelieved ? 'reply' : 'connection_lost maybe_sent total');
      }
    },
    'probes.answered': async ({ before, way }) => {
      // A CI known to need fresh links is examined again only after a while.
      if (before === 'fresh') this.clock.advance(BETWEEN_EXAMINATIONS_MS);
      const asked = await this.#askUnnamed();
      const knowsPingAlone = way % 3 === 1;
      await this.#answerProbes(asked.line.peer, ({ type }) => type === 'ping' || !knowsPingAlone);
      expect(asked.watched.outcome).toBe('reply');
    },
    'probes.unanswered': async ({ way }) => {
      if (way % 4 === 3) return this.#hangUpAtProbes();
      const { line, watched } = await this.#askUnnamed();
      if (way % 4 === 0) await this.#answerProbes(line.peer, () => false);
      else if (way % 4 === 1) this.clock.advance(FIRST_PATIENCE_MS);
      else await this.#chatToProbes(line.peer);
      await settled();
      expect(watched.outcome).toBe('reply');
      await this.#leaveAll();
    },
    'order.concurrent': async ({ before, way, examination }) => {
      const isNew = way % 2 === 0;
      if (before === 'proved' && isNew) await this.#leaveAll();
      const asked = before === 'proved' ? await this.#ask() : this.#takeHeld();
      await this.#answerProbes(asked.line.peer);
      expect(asked.watched.ends).toBe(0);
      this.#answer(asked, false);
      await settled();
      expect(asked.watched.ends).toBe(1);
      await this.#endExamination(examination);
    },
    'order.violated': async ({ way }) => {
      // If a connection had a proof before, the connection is at fault.
      await this.#leaveAll();
      const asked = await this.#ask();
      if (way % 3 === 0) this.#answer(asked, false);
      else if (way % 3 === 1) this.#stray(asked);
      else asked.line.peer.send({ type: 'error', error: 'no' });
      this.#answer(asked, false);
      await this.#answerProbes(asked.line.peer);
      this.#record = 'violated';
      expect(asked.watched.outcome).toBe('protocol_error maybe_sent total');
    },
  };

  #accept(peer: MemoryPeer): void {
    this.#peers.add(peer);
    void peer.closed.then(() => this.#peers.delete(peer));
    peer.onRequest((request) => {
      // A heartbeat. Some peers put ids only on pongs.
      if (request.type === 'ping' && request.request_id !== undefined) {
        peer.send({ ...probeReply(request), request_id: request.request_id });
      } else this.#inbox.push({ peer, request });
    });
  }

  /** Asks, and waits until the request has reached the CI: perhaps after a backoff. */
  async #ask(): Promise<Asked> {
    this.#questions += 1;
    const content = `q${this.#questions}`;
    const watched = watch(this.pool.ask('apollo', content, { waitForReady: true, deadlineMs: FOREVER_MS }));
    this.asked.push(watched);
    for (let tries = 0; tries < 20; tries += 1) {
      await settled();
      const line = this.#take(({ request }) => request.content === content);
      if (line !== undefined) return { content, watched, line };
      this.clock.advance(1);
    }
    throw new Error(`${content} did not reach the CI: ${JSON.stringify(this.pool.snapshot().cis.apollo?.connections)}`);
  }

  /** Sends a request that is answered without an id. */
  async #askUnnamed(): Promise<Asked> {
    const examined = this.#examined;
    this.#examined = undefined;
    if (examined !== undefined) return examined;
    const asked = await this.#ask();
    this.#answer(asked, false);
    return asked;
  }

  #takeHeld(): Asked {
    const held = this.#held;
    if (held === undefined) throw new Error('the CI holds no request');
    this.#held = undefined;
    return held;
  }

  #take(test: (line: Line) => boolean): Line | undefined {
    const index = this.#inbox.findIndex(test);
    return index === -1 ? undefined : this.#inbox.splice(index, 1)[0];
  }

  #answer({ content, line: { peer, request } }: Asked, isNamed: boolean): void {
    const id = isNamed ? { request_id: request.request_id } : {};
    peer.send({ type: 'chat_response', content: `re ${content}`, ...id });
  }

  #stray({ line: { peer } }: Asked): void {
    peer.send({ type: 'chat_response', content: 'a stray line' });
  }

  /** Answers all probes of a link, one after the other, including later ones; refuses those of an unknown type. */
  async #answerProbes(peer: MemoryPeer, knows: (request: Frame) => boolean = () => true): Promise<void> {
    for (;;) {
      await settled();
      const line = this.#take((found) => found.peer === peer && isProbe(found.request));
      if (line === undefined) return;
      peer.send(knows(line.request) ? probeReply(line.request) : { type: 'error', error: 'unknown message type' });
    }
  }

  /** A CI that answers everything as a chat. */
  async #chatToProbes(peer: MemoryPeer): Promise<void> {
    for (;;) {
      await settled();
      if (this.#take((found) => found.peer === peer && isProbe(found.request)) === undefined) return;
      peer.send({ type: 'chat_response', content: 'a stray line' });
    }
  }

  async #hangUpAtProbes(): Promise<void> {
    for (let times = 0; times < MOST_CUTS && this.ordering === 'unknown'; times += 1) {
      const { line, watched } = await this.#askUnnamed();
      await settled();
      line.peer.close();
      await settled();
      expect(watched.ends).toBe(1);
      if (this.#record === 'clean') expect(watched.outcome).toBe('reply');
    }
  }

  /** The result of an examination in progress no longer matters, since more is known. */
  async #endExamination(how: Step['examination']): Promise<void> {
    const examined = this.#examined;
    this.#examined = undefined;
    if (examined === undefined) return;
    if (how === 'answered') await this.#answerProbes(examined.line.peer);
    this.clock.advance(FIRST_PATIENCE_MS);
    await settled();
    expect(examined.watched.outcome).toBe('reply');
    await this.#leaveAll();
  }

  /** The CI ends all links, except the one with a held request. */
  async #leaveAll(): Promise<void> {
    for (const peer of this.#peers) if (peer !== this.#held?.line.peer) peer.close();
    await settled();
    // What was under way to it is not read.
    this.#inbox.splice(0, this.#inbox.length, ...this.#inbox.filter(({ peer }) => this.#peers.has(peer)));
  }

  /** Checks that each request ended at most once, with its own answer if any. */
  expectOwnAnswers(): void {
    for (const [i, { ends, values }] of this.asked.entries()) {
      expect(ends).toBeLessThanOrEqual(1);
      expect(values.map(({ content }) => content)).toEqual(values.length === 0 ? [] : [`re q${i + 1}`]);
    }
  }

  /** Ends everything, and checks that nothing is left. */
  async end(): Promise<void> {
    for (const { subscription } of this.asked) subscription.unsubscribe();
    await this.pool.close();
    await settled();
    this.expectOwnAnswers();
    expect(this.#peers.size).toBe(0);
    expect(this.clock.pending).toBe(0);
  }
}
