import { getEventListeners } from 'node:events';
import { filter, firstValueFrom, map, Observable } from 'rxjs';
import { type Chunk, createPool, type Outcome, type Pool } from '../../../src/index.js';
import type { ScriptedCi } from '../../../src/testing/index.js';
import { CountingClock } from '../../support/counting-clock.js';
import { until } from '../../support/stage.js';
import { failureOf, type Watched, watch } from '../../support/watch.js';
import { cellTimes } from './cell-times.js';
import { type FaultCell, isStreamed, nameOf } from './fault-cell.js';
import { type FaultyPeer, MAX_REPLY_BYTES } from './faulty-peer.js';

/** What a cell's request received, and what it left behind. */
export interface Seen {
  readonly outcome: string;
  /** The received text, whole or cut. */
  readonly text: string;
  readonly partial: string | undefined;
  readonly ends: number;
  readonly startMs: number;
  readonly tookMs: number;
  /** How often it reached the peer. */
  readonly timesSent: number;
  /** Results of the requests to the other CI, before and after. */
  readonly neighbours: readonly string[];
  /** The CI's answer afterwards; `undefined` if the cell does not check it. */
  readonly next: string | undefined;
  /** Requests, connections, timers and abort listeners left behind. */
  readonly left: readonly number[];
}

/** The address that a cell's pool dials, and its peer. */
export interface CellPlace {
  readonly url: string;
  /** The peer, if one accepts the dial. */
  readonly peer: FaultyPeer | undefined;
  readonly neighbour: ScriptedCi;
  /** The factor for all times. */
  readonly stretch: number;
}

/** The text of one request, as a user would see it. */
type Text$ = Observable<string>;

/** Plays one cell, from the creation of the pool to its end. */
export async function runCell(cell: FaultCell, place: CellPlace): Promise<Seen> {
  const clock = new CountingClock();
  const abort = new AbortController();
  const pool = openPool(cell, place, clock);
  try {
    const before = await setUp(cell, place, pool);
    const startMs = performance.now();
    let endMs = 0;
    const broadcast = new BroadcastRest();
    const tested = watch(testedOf(cell, place, pool, abort.signal, broadcast), () => {
      if (cell.moment === 'mid-stream' && tested.values.length === 1) place.peer?.misbehaveTo('tested');
    });
    void tested.ended.then(() => {
      endMs = performance.now();
    });
    const beside = watch(pool.ask('neighbour', 'beside'));
    await tested.ended;
    if (cell.reply === 'late') place.peer?.answerLate();
    const next = hasNext(cell) ? watch(pool.ask('apollo', 'next')) : undefined;
    const after = watch(pool.ask('neighbour', 'after'));
    await Promise.all([beside.ended, after.ended, next?.ended, broadcast.ended]);
    const outcomes = [beside, after].map((watched) => `${watched.outcome} ${watched.values[0]?.content}`);
    await pool.close({ drainTimeoutMs: 0 });
    await before?.ended;
    await until(() => clock.pending === 0);
    const { connections, inFlight, waiting } = pool.snapshot().totals;
    return {
      outcome: tested.outcome,
      text: tested.values.join(''),
      partial: tested.error?.partial,
      ends: tested.ends,
      startMs,
      tookMs: endMs - startMs,
      timesSent: place.peer?.timesGot('tested') ?? 0,
      neighbours: [...outcomes, ...broadcast.outcomes],
      next: next?.values[0]?.content ?? next?.outcome,
      left: [connections, inFlight, waiting, clock.pending, getEventListeners(abort.signal, 'abort').length],
    };
  } finally {
    await pool.close({ drainTimeoutMs: 0 });
  }
}

/** Whether its peer works again afterwards: then the next request must get its own answer, and not a late one. */
export function hasNext({ connect, reply, moment }: FaultCell): boolean {
  if (connect !== 'accept') return false;
  return reply === 'late' || reply === 'split bytes' || (reply === 'no reply' && moment !== 'queued');
}

function openPool(cell: FaultCell, { url, neighbour, stretch }: CellPlace, clock: CountingClock): Pool {
  const { connectTimeoutMs, longConnectTimeoutMs } = cellTimes;
  const isHung = cell.connect === 'blackhole';
  const dialMs = cell.moment === 'queued' ? longConnectTimeoutMs : connectTimeoutMs;
  const apollo = {
    url,
    maxConnections: 1,
    ordering: cell.manner === 'trusted' ? ('trusted' as const) : ('proved' as const),
    // One slot fewer than requests, so that one of them has to wait.
    ...(cell.moment === 'queued' ? { maxInFlight: 1 } : {}),
    ...(isHung ? { connectTimeoutMs: dialMs * stretch } : {}),
  };
  return createPool({
    cis: { apollo, neighbour: neighbour.url },
    clock,
    logger: false,
    random: drawn(nameOf(cell).length),
    // No backoff ends during a cell.
    reconnectDelayMs: 60_000,
    maxReconnectDelayMs: 600_000,
    maxReplyBytes: MAX_REPLY_BYTES,
  });
}

/** Does everything before the request under test. Returns the request ahead of it, if there is one. */
async function setUp(cell: FaultCell, place: CellPlace, pool: Pool): Promise<Watched<unknown> | undefined> {
  const { peer, stretch } = place;
  // One answer shows how the peer replies; with a connection that is up, the cell has the loop to itself.
  const known = cell.connect === 'accept' ? ['apollo', 'neighbour'] : ['neighbour'];
  await Promise.all(known.map((ci) => watch(pool.ask(ci, 'first')).ended));
  // Its first connection was examined, and closed; from the next on each answer has its proof.
  if (cell.manner === 'proved') {
    await until(() => pool.snapshot().cis.apollo?.ordering === 'proved');
    // The connections on trial have closed, too.
    for (let asked = 0; asked < 5; asked += 1) await watch(pool.ask('apollo', 'first')).ended;
  }
  if (cell.moment === 'queued') {
    const isGivenUp = cell.reply === 'late';
    const deadlineMs = (isGivenUp ? cellTimes.shortMs : cellTimes.longMs) * stretch;
    const before = watch(pool.ask('apollo', 'before', { deadlineMs }));
    if (isGivenUp) void before.ended.then(() => peer?.answerLate());
    return before;
  }
  if (cell.moment !== 'idle') return undefined;
  if (cell.connect === 'accept-then-close') {
    const closed = stateOf(pool, ['reconnecting']);
    await pool.warm(['apollo']);
    await closed;
  } else if (cell.connect === 'accept') await strikeIdle(cell, peer as FaultyPeer, pool);
  return undefined;
}

/** Applies the fault while nothing is outstanding. Settles when the pool has seen it. */
async function strikeIdle(cell: FaultCell, peer: FaultyPeer, pool: Pool): Promise<void> {
  if (cell.reply === 'late') {
    const given = watch(pool.ask('apollo', 'before'));
    await until(() => peer.timesGot('before') === 1);
    given.subscription.unsubscribe();
    peer.answerLate();
    return until(() => pool.snapshot().totals.metrics.lateReplies === 1);
  }
  const seen = stateOf(pool, ['reconnecting', 'idle', 'closed']);
  peer.misbehaveTo('first');
  if (cell.reply !== 'slow-loris' && cell.reply !== 'half-open') await seen;
}

/** Settles once the CI's connection is in one of these states, or when the pool is closed. */
function stateOf(pool: Pool, states: readonly string[]): Promise<unknown> {
  const reached$ = pool.states$.pipe(filter(({ ci, to }) => ci === 'apollo' && states.includes(to)));
  return firstValueFrom(reached$, { defaultValue: undefined });
}

/** Makes the request under test. A broadcast asks the neighbour as well, and records its result. */
function testedOf(
  cell: FaultCell,
  { stretch }: CellPlace,
  pool: Pool,
  signal: AbortSignal,
  rest: BroadcastRest,
): Text$ {
  const options = { deadlineMs: cellTimes.deadlineMs * stretch, signal };
  const chunkTimes = {
    firstChunkTimeoutMs: cellTimes.firstChunkTimeoutMs * stretch,
    idleTimeoutMs: cellTimes.idleTimeoutMs * stretch,
  };
  const contentOf = map(({ content }: { readonly content: string }) => content);
  if (cell.request === 'ask') return pool.ask('apollo', 'tested', options).pipe(contentOf);
  if (cell.request === 'stream') return pool.stream('apollo', 'tested', { ...options, ...chunkTimes }).pipe(contentOf);
  const isChunked = isStreamed(cell);
  const outcomes$ = pool.broadcast('tested', { ...options, ...(isChunked ? { ...chunkTimes, stream: true } : {}) });
  return new Observable((subscriber) => {
    // Continues after the one CI's outcome, to get the other's.
    rest.follow(outcomes$, (part) => {
      if (!('ok' in part)) return subscriber.next(part.content);
      if (!part.ok) return subscriber.error(part.error);
      if (!isChunked) subscriber.next(part.reply.content);
      subscriber.complete();
    });
  });
}

/** Returns the neighbour's outcome in a broadcast. */
class BroadcastRest {
  readonly outcomes: string[] = [];
  /** Settles when the broadcast is over; at once without one. */
  ended: Promise<unknown> = Promise.resolve();

  follow(parts$: Observable<Outcome | Chunk>, onTested: (part: Outcome | Chunk) => void): void {
    const parts = watch(parts$, (part) => {
      if (part.ci === 'apollo') onTested(part);
      else if ('ok' in part) this.outcomes.push(part.ok ? `reply ${part.reply.content}` : failureOf(part.error));
    });
    this.ended = parts.ended.then((outcome) => {
      if (outcome !== 'reply') this.outcomes.push(`the broadcast failed: ${outcome}`);
    });
  }
}

/** Pseudo-random numbers, the same in each run. */
function drawn(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}
