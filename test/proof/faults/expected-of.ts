import { cellTimes } from './cell-times.js';
import { type FaultCell, isStreamed } from './fault-cell.js';

/** How the request of a cell must end. */
export interface Expected {
  /** `reply`, or code, delivery and phase. */
  readonly outcome: string;
  /** When, in ms from subscription, where a time that runs out is what ends it; else by the deadline at the latest. */
  readonly endsAtMs?: number;
}

const served: Expected = { outcome: 'reply' };
/** "The CI is down": it refuses, takes no dial in time, has a bad certificate, or waits out a backoff. */
const down: Expected = { outcome: 'unavailable not_sent connect' };

/** What `docs/errors.md` promises for a cell, code by code. */
export function expectedOf(cell: FaultCell): Expected {
  if (cell.connect !== 'accept') return whenNotLetIn(cell);
  if (cell.moment === 'queued') return whenQueued(cell);
  if (cell.moment === 'idle') return whenIdle(cell);
  return whenWritten(cell);
}

/** unavailable: "no connection to the CI can be had now", always not_sent, in `connect`. */
function whenNotLetIn(cell: FaultCell): Expected {
  const { connect, moment } = cell;
  // connection_lost: "the request was on a connection when that broke".
  if (connect === 'accept-then-close' && moment === 'in flight') return lost('connection_lost', cell);
  if (connect === 'blackhole') {
    // deadline_exceeded: `not_sent` in `connect`. Here the dial has more time left than who waits for it.
    if (moment === 'queued') {
      return { outcome: 'deadline_exceeded not_sent connect', endsAtMs: cellTimes.deadlineMs };
    }
    return { ...down, endsAtMs: cellTimes.connectTimeoutMs };
  }
  return down;
}

/** The fault strikes the one before it: it was not written, so whatever it gets is not_sent. */
function whenQueued({ reply }: FaultCell): Expected {
  switch (reply) {
    // deadline_exceeded in `queue`: "all places were taken".
    case 'no reply':
    case 'slow-loris':
    case 'half-open':
    case 'unproved':
      return { outcome: 'deadline_exceeded not_sent queue', endsAtMs: cellTimes.deadlineMs };
    // The place becomes free: by the answer, by the end of the wait for it, or on a connection in place of the bad one.
    default:
      return served;
  }
}

/** The fault strikes while nothing is outstanding, and then the request comes. */
function whenIdle(cell: FaultCell): Expected {
  switch (cell.reply) {
    // Nobody can see that a silent peer is stuck before it is asked.
    case 'slow-loris':
    case 'half-open':
      return timedOut(cell);
    // "The late answer, if it comes, is dropped"; a connection that is out of step is dropped, and replaced.
    default:
      return served;
  }
}

/** The fault is what the request gets for an answer, or for the rest of it. */
function whenWritten(cell: FaultCell): Expected {
  switch (cell.reply) {
    case 'split bytes':
      return served;
    case 'twice':
      return isHeld(cell) ? lost('protocol_error', cell) : served;
    case 'reset mid-line':
      return lost('connection_lost', cell);
    case 'garbage':
    case 'not an object':
      return lost('protocol_error', cell);
    case 'oversize':
      return lost('reply_too_large', cell);
    case 'unproved':
      return isHeld(cell) ? timedOut(cell) : served;
    default:
      return timedOut(cell);
  }
}

/** Whether its answer waits for its proof: all but streams, whose frames carry ids. */
function isHeld(cell: FaultCell): boolean {
  return cell.manner === 'proved' && !isStreamed(cell);
}

/** With its connection, once written: the CI may have worked on it. */
function lost(code: string, cell: FaultCell): Expected {
  return { outcome: `${code} maybe_sent ${phaseOf(cell)}` };
}

function timedOut(cell: FaultCell): Expected {
  const phase = phaseOf(cell);
  const endsAtMs = {
    total: cellTimes.deadlineMs,
    'first chunk': cellTimes.firstChunkTimeoutMs,
    idle: cellTimes.idleTimeoutMs,
  }[phase];
  return { outcome: `deadline_exceeded maybe_sent ${phase}`, endsAtMs };
}

/** `first chunk` before a stream's first chunk, `idle` after it, `total` where there are no chunks. */
function phaseOf(cell: FaultCell): 'total' | 'first chunk' | 'idle' {
  if (!isStreamed(cell)) return 'total';
  return cell.moment === 'mid-stream' ? 'idle' : 'first chunk';
}
