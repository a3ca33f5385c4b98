import type { Limits, Priority, Reply, ReplyMode, StreamOptions } from '../contract/index.js';
import { readRequestOptions } from './request-options.js';

/** The checked settings of a request, with all defaults. Times in ms. */
export interface RequestTerms {
  readonly replyMode: ReplyMode;
  readonly deadlineMs: number;
  readonly connectTimeoutMs: number;
  readonly firstChunkTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Longest time from the start to the first part of the answer, including the wait. */
  readonly patienceMs: number;
  readonly priority: Priority;
  readonly whenDown: 'fail' | 'wait';
  readonly signal: AbortSignal | undefined;
  /** Called with the whole stream as a reply, right before the stream completes. */
  readonly onEnd?: ((reply: Reply) => void) | undefined;
}

/** The terms of requests without options, made once for all CIs that share their limits. */
const defaults = new WeakMap<Limits, Readonly<Record<ReplyMode, RequestTerms>>>();

/** Returns the terms of requests without options. */
export function defaultTerms(limits: Limits): Readonly<Record<ReplyMode, RequestTerms>> {
  const known = defaults.get(limits);
  if (known !== undefined) return known;
  const terms = { whole: complete('whole', {}, limits), stream: complete('stream', {}, limits) };
  defaults.set(limits, terms);
  return terms;
}

/**
 * Checks a request's options, and adds the CI's defaults.
 *
 * @throws ChoragusError `invalid_config`
 */
export function readTerms(replyMode: ReplyMode, options: StreamOptions, limits: Limits): RequestTerms {
  return complete(replyMode, readRequestOptions(replyMode, options), limits);
}

function complete(replyMode: ReplyMode, options: StreamOptions, limits: Limits): RequestTerms {
  return {
    replyMode,
    deadlineMs: options.deadlineMs ?? (replyMode === 'stream' ? limits.streamTimeoutMs : limits.requestTimeoutMs),
    connectTimeoutMs: options.connectTimeoutMs ?? Number.POSITIVE_INFINITY,
    firstChunkTimeoutMs: options.firstChunkTimeoutMs ?? limits.requestTimeoutMs,
    idleTimeoutMs: options.idleTimeoutMs ?? limits.requestTimeoutMs,
    patienceMs: Number.POSITIVE_INFINITY,
    priority: options.priority ?? 'normal',
    whenDown: options.waitForReady === true ? 'wait' : 'fail',
    signal: options.signal,
    onEnd: options.onEnd,
  };
}
