import type { ChoragusError, Phase } from '../errors/index.js';
import { missed } from '../errors/index.js';
import type { RequestTerms } from './request-terms.js';

/** How far a request has come. */
export interface Progress {
  readonly startedMs: number;
  /** The next time at which a limit is over. */
  readonly dueMs: number;
  /** Whether it waits for a connection, or for a slot. */
  readonly isWaiting: boolean;
  /** Whether a connection is up. */
  readonly isLinked: boolean;
  /** Whether a part of its answer has arrived. */
  readonly hasBegun: boolean;
}

/** Returns the phase that a request is in. */
export function phaseOf({ replyMode }: RequestTerms, { isWaiting, isLinked, hasBegun }: Progress): Phase {
  if (isWaiting) return isLinked ? 'queue' : 'connect';
  if (replyMode === 'whole') return 'total';
  return hasBegun ? 'idle' : 'first chunk';
}

/** Returns the error of the time limit that is over now; undefined if none is. */
export function timeOver(terms: RequestTerms, progress: Progress, nowMs: number): ChoragusError | undefined {
  const { startedMs, dueMs, isWaiting, isLinked, hasBegun } = progress;
  const { deadlineMs, connectTimeoutMs, patienceMs } = terms;
  if (nowMs >= startedMs + deadlineMs) return missed(isWaiting ? phaseOf(terms, progress) : 'total', deadlineMs);
  if (isWaiting) {
    if (nowMs >= startedMs + patienceMs) return missed(phaseOf(terms, progress), patienceMs);
    return !isLinked && nowMs >= startedMs + connectTimeoutMs ? missed('connect', connectTimeoutMs) : undefined;
  }
  if (nowMs < dueMs) return undefined;
  return hasBegun ? missed('idle', terms.idleTimeoutMs) : missed('first chunk', terms.firstChunkTimeoutMs);
}
