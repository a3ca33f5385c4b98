import type { Observable, Subscription } from 'rxjs';
import type { ChoragusError, Frame, Pool } from '../../src/index.js';
import { createPool } from '../../src/index.js';
import { ManualClock, type MemoryPeer, memoryTransport } from '../../src/testing/index.js';

/** How a peer of the model behaves, drawn anew for each connection. */
export interface PeerManner {
  readonly correlation: 'fifo' | 'echoing';
  readonly streaming: 'frames' | 'none';
}

/** What a user of the model, or the world around it, does next. */
export type Command =
  | { readonly do: 'ask'; readonly deadlineMs: number; readonly latencyMs: number; readonly fate: Fate }
  | { readonly do: 'stream'; readonly deadlineMs: number; readonly latencyMs: number; readonly fate: Fate }
  | { readonly do: 'giveUp'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'breakLinks' }
  | { readonly do: 'unsolicited' };

/** What the peer does with a request: answers, answers twice, or never does. */
export type Fate = 'answer' | 'twice' | 'never';

/** One request as its user saw it. */
export interface Seen {
  readonly content: string;
  readonly startedMs: number;
  readonly deadlineMs: number;
  readonly texts: string[];
  ends: number;
  endedMs: number;
  error: ChoragusError | undefined;
  isGivenUp: boolean;
  readonly subscription: Subscription;
}

/** A pool of one CI over the memory wire in virtual time, the CI's peers, and a ledger of both sides. */
export class World {
  readonly clock = new ManualClock();
  readonly seen: Seen[] = [];
  /** Contents that reached a peer, in order. */
  readonly received: string[] = [];
  readonly pool: Pool;
  /** The links, each with what is owed on it. */
  readonly #peers = new Map<MemoryPeer, { readonly manner: PeerManner; owed: number }>();
  readonly #plans = new Map<string, { readonly latencyMs: number; readonly fate: Fate }>();

  constructor(manners: readonly PeerManner[], maxConnections: number) {
    const wire = memoryTransport({ clock: this.clock });
    let links = 0;
    wire.listen('apollo', (peer) => {
      const manner = manners[links % manners.length] as PeerManner;
      this.#peers.set(peer, { manner, owed: 0 });
      void peer.closed.then(() => this.#peers.delete(peer));
      this.#serve(peer, manner);
      links += 1;
    });
    this.pool = createPool({
      cis: { apollo: 'memory://apollo' },
      clock: this.clock,
      transports: { memory: wire },
      logger: false,
      random: () => 0.5,
      maxConnections,
      maxWaiting: 20,
      reconnectDelayMs: 20,
      lateReplyGraceMs: 50,
    });
  }

  run(command: Command): void {
    if (command.do === 'ask' || command.do === 'stream') this.#request(command);
    else if (command.do === 'giveUp') this.#giveUp(command.which);
    else if (command.do === 'wait') this.clock.advance(command.ms);
    else if (command.do === 'breakLinks') for (const peer of [...this.#peers.keys()]) peer.fail();
    else for (const [peer, state] of [...this.#peers]) this.#sendStray(peer, state);
  }

  /** Without ids, a stray reply while an answer is owed cannot be told from that answer, by anybody. */
  #sendStray(peer: MemoryPeer, { manner, owed }: { readonly manner: PeerManner; readonly owed: number }): void {
    if (manner.correlation === 'echoing')
      peer.send({ type: 'chat_response', content: 'stray', request_id: 'not yours' });
    else if (owed === 0) peer.send({ type: 'chat_response', content: 'stray' });
  }

  #request({ do: what, deadlineMs, latencyMs, fate }: Extract<Command, { deadlineMs: number }>): void {
    const content = `q${this.seen.length}`;
    this.#plans.set(content, { latencyMs, fate });
    const request$: Observable<{ readonly content: string }> = this.pool[what]('apollo', content, { deadlineMs });
    const seen = {
      content,
      startedMs: this.clock.now(),
      deadlineMs,
      texts: [] as string[],
      ends: 0,
      endedMs: 0,
      error: undefined as ChoragusError | undefined,
      isGivenUp: false,
    };
    const end = (error?: ChoragusError): void => {
      seen.ends += 1;
      seen.endedMs = this.clock.now();
      seen.error = error;
    };
    const subscription = request$.subscribe({
      next: (value) => seen.texts.push(value.content),
      error: end,
      complete: end,
    });
    this.seen.push(Object.assign(seen, { subscription }));
  }

  #giveUp(which: number): void {
    const open = this.seen.filter(({ ends, isGivenUp }) => ends === 0 && !isGivenUp);
    const chosen = open[which % Math.max(open.length, 1)];
    if (chosen === undefined) return;
    chosen.isGivenUp = true;
    chosen.subscription.unsubscribe();
  }

  #serve(peer: MemoryPeer, manner: PeerManner): void {
    // A FIFO peer answers one at a time; a stream of its runs beside.
    let freeAtMs = 0;
    peer.onRequest((request) => {
      const content = String(request.content);
      if (request.type !== 'chat') return peer.send({ type: 'pong' });
      this.received.push(content);
      this.#owe(peer, 1);
      const { latencyMs, fate } = this.#plans.get(content) ?? { latencyMs: 0, fate: 'answer' };
      const now = this.clock.now();
      const isStream = request.stream === true && manner.streaming === 'frames';
      const isSerial = manner.correlation === 'fifo' && !isStream;
      const atMs = (isSerial ? Math.max(freeAtMs, now) : now) + latencyMs;
      if (isSerial) freeAtMs = fate === 'never' ? Number.POSITIVE_INFINITY : atMs;
      if (fate === 'never' || atMs === Number.POSITIVE_INFINITY) return;
      this.clock.setTimeout(() => this.#answer(peer, manner, request, isStream), atMs - now, 'background');
      if (fate === 'twice' && manner.correlation === 'echoing') {
        this.clock.setTimeout(() => this.#answer(peer, manner, request, isStream), atMs - now + 3, 'background');
      }
    });
  }

  #owe(peer: MemoryPeer, change: number): void {
    const state = this.#peers.get(peer);
    if (state !== undefined) state.owed += change;
  }

  #answer(peer: MemoryPeer, manner: PeerManner, { content, request_id }: Frame, isStream: boolean): void {
    this.#owe(peer, -1);
    if (isStream) {
      peer.send({ type: 'stream_chunk', request_id, content: `${content}:1 ` });
      peer.send({ type: 'stream_chunk', request_id, content: `${content}:2` });
      peer.send({ type: 'stream_end', request_id });
    } else {
      const id = manner.correlation === 'echoing' ? { request_id } : {};
      peer.send({ type: 'chat_response', content: `re ${content}`, ...id });
    }
  }
}
