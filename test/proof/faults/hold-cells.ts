import { expect } from 'vitest';
import { faults, type ScriptedCi, scriptedCi } from '../../../src/testing/index.js';
import { noteFigures } from '../../support/figures.js';
import { expectNoLeaks } from '../../support/leaks.js';
import { cellTimes } from './cell-times.js';
import { expectedOf } from './expected-of.js';
import { cells, type FaultCell, nameOf, replies } from './fault-cell.js';
import { FaultyPeer } from './faulty-peer.js';
import { type Lag, LagWatch } from './lag-watch.js';
import { hasNext, runCell, type Seen } from './run-cell.js';

/** How late a request may end, in ms. */
const LATE_MS = 50;
/** How late the event loop may be, at once and in total, before a failed cell is repeated. */
const MAX_LAG: Lag = { worstMs: 20, totalMs: 20 };
const MAX_REPETITIONS = 3;
/** Number of cells at once: enough to be quick, too few to block the loop. */
const WIDTH = 8;

/** The address that the pool of a cell dials, if it is not a peer that accepts. */
export interface Place {
  readonly url: string;
  close(): Promise<void>;
}

/** The cells of one connect fault, in rows of one reply fault each. */
export function rowsOf(connect: FaultCell['connect']): { readonly row: string; readonly cells: FaultCell[] }[] {
  const rows = replies.map((row) => ({
    row,
    cells: cells.filter((cell) => cell.connect === connect && cell.reply === row),
  }));
  return rows.filter((row) => row.cells.length > 0);
}

/**
 * Runs many cells at once, each with its own pool and CI. Each must end as `expectedOf` says, and
 * all of them must leave nothing behind. `open` makes the address that a pool dials; without it, a `FaultyPeer`.
 */
export async function holdCells(held: readonly FaultCell[], open?: (cell: FaultCell) => Promise<Place>): Promise<void> {
  const settled = expectNoLeaks();
  const neighbour = await scriptedCi({ script: faults.replies() });
  const lag = new LagWatch();
  const faultsFound: string[] = [];
  const queue = [...held];
  const worker = async (): Promise<void> => {
    for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) {
      const found = await holdCell(cell, neighbour, lag, open);
      if (found.length > 0) faultsFound.push(`${nameOf(cell)}: ${found.join('; ')}`);
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
  lag.stop();
  await neighbour.closed();
  await neighbour.close();
  await settled();
  expect(faultsFound).toEqual([]);
  noteFigures(`cells-${held.map(nameOf).sort()[0]?.replace(/\W+/g, '-')}`, { cells: held.length });
}

/** Returns the faults of a cell. A cell that fails while the loop lags is repeated with longer times. */
async function holdCell(
  cell: FaultCell,
  neighbour: ScriptedCi,
  lag: LagWatch,
  open: ((cell: FaultCell) => Promise<Place>) | undefined,
): Promise<string[]> {
  for (let repetition = 0; ; repetition += 1) {
    const stretch = 2 ** repetition;
    const peer = open === undefined ? await FaultyPeer.open(cell) : undefined;
    const place = await open?.(cell);
    const url = place?.url ?? (peer as FaultyPeer).ci.url;
    const seen = await runCell(cell, { url, peer, neighbour, stretch });
    await peer?.close();
    await place?.close();
    const { worstMs, totalMs } = await lag.since(seen.startMs);
    const isLast = repetition === MAX_REPETITIONS;
    const found = judge(cell, seen, stretch, LATE_MS + (isLast ? totalMs : 0));
    if (found.length === 0) return found;
    const isLagging = worstMs > MAX_LAG.worstMs || totalMs > MAX_LAG.totalMs;
    if (!isLagging || isLast) return [...found, `try ${repetition + 1}, lag ${worstMs} ms, in all ${totalMs} ms`];
  }
}

function judge(cell: FaultCell, seen: Seen, stretch: number, lateMs: number): string[] {
  const { outcome, endsAtMs } = expectedOf(cell);
  const isServed = outcome === 'reply';
  const isCut = !isServed && cell.moment === 'mid-stream';
  const neighbours = ['reply beside', 'reply after', ...(cell.request === 'broadcast' ? ['reply tested'] : [])];
  const latestMs = (endsAtMs ?? cellTimes.deadlineMs) * stretch + lateMs;
  // Timers have whole milliseconds.
  const earliestMs = (endsAtMs ?? 0) * stretch - 1;
  const mayBeSent = cell.connect === 'accept' && !outcome.includes('not_sent');
  const is = (what: string, seenThere: unknown, expected: unknown): string[] =>
    JSON.stringify(seenThere) === JSON.stringify(expected) ? [] : [`${what} ${JSON.stringify(seenThere)}`];
  return [
    ...is(`not ${outcome} but`, seen.outcome, outcome),
    ...is('ended, times:', seen.ends, 1),
    ...is('text', seen.text, isServed ? 'to tested' : isCut ? 'to ' : ''),
    ...is('partial', seen.partial, isCut ? 'to ' : undefined),
    ...is(
      'sent, times:',
      seen.timesSent,
      mayBeSent ? (cell.reply === 'half-open' && cell.moment === 'idle' ? 0 : 1) : 0,
    ),
    ...is('neighbours', seen.neighbours, neighbours),
    ...is('next', seen.next, hasNext(cell) ? 'to next' : undefined),
    ...is('left behind', seen.left, [0, 0, 0, 0, 0]),
    ...is(`after ${seen.tookMs} ms, not ${earliestMs} to ${latestMs}`, seen.tookMs >= earliestMs, true),
    ...is(`after ${seen.tookMs} ms, not ${earliestMs} to ${latestMs}`, seen.tookMs <= latestMs, true),
  ];
}
