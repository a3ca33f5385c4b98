import { cellTimes } from './cell-times.js';
import { type FaultCell, isStreamed } from './fault-cell.js';

/** The expected end of a cell's request. */
export interface Expected {
  /** `reply`, or code, delivery and phase. */
  readonly outcome: string;
  /** When, in ms from the subscription, if a time limit ends it; otherwise by the deadline at the latest. */
  readonly endsAtMs?: number;
}

const served: Expected = { outcome: 'reply' };
/** "The CI is down": it refuses, does not accept a dial in time, has a bad certificate, or is in a backoff. */
const down: Expected = { outcome: 'unavailable not_sent connect' };

/** The guarantees of `docs/errors.md` for a cell, code by code. */
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
    // deadline_exceeded: `not_sent` in `connect`. Here the dial has more time left than the waiting request.
    if (moment === 'queued') {
      return { outcome: 'deadline_exceeded not_sent connect', endsAtMs: cellTimes.deadlineMs };
    }
    return { ...down, endsAtMs: cellTimes.connectTimeoutMs };
  }
  return down;
}

/** The fault hits the request before it: this one was not written, so every failure is not_sent. */
function whenQueued({ reply }: FaultCell): Expected {
  switch (reply) {
    // deadline_exceeded in `queue`: "all places were taken".
    case 'no reply':
    case 'slow-loris':
    case 'half-open':
    case 'unproved':
      return { outcome: 'deadline_exceeded not_sent queue', endsAtMs: cellTimes.deadlineMs };
    // The slot becomes free: by the answer, by the end of the wait for it, or on a connection that replaces the bad one.
    default:
      return served;
  }
}

/** The fault comes while nothing is outstanding, and then the request comes. */
function whenIdle(cell: FaultCell): Expected {
  switch (cell.reply) {
    // A silent peer cannot be noticed before a request.
    case 'slow-loris':
    case 'half-open':
      return timedOut(cell);
    // "The late answer, if it comes, is dropped"; a connection that is out of step is dropped, and replaced.
    default:
      return served;
  }
}

/** The request gets the fault instead of an answer, or instead of the rest of it. */
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

/** Whether its answer waits for its proof: all answers do, except streams, whose frames carry ids. */
function isHeld(cell: FaultCell): boolean {
  return cell.manner === 'proved' && !isStreamed(cell);
}

/** Lost with its connection, after the write: the CI may have worked on it. */
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

/** `first chunk` before a stream's first chunk, `idle` after it, `total` without chunks. */
function phaseOf(cell: FaultCell): 'total' | 'first chunk' | 'idle' {
  if (!isStreamed(cell)) return 'total';
  return cell.moment === 'mid-stream' ? 'idle' : 'first chunk';
}
