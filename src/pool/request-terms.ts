import type { Limits, Priority, RequestOptions, StreamOptions } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { MAX_TIMER_MS } from './options.js';

/** Whether a request is answered as a whole, or by a stream. */
export type Manner = 'whole' | 'stream';

/** How a request is to be carried, complete and checked. Times in ms. */
export interface RequestTerms {
  readonly manner: Manner;
  readonly deadlineMs: number;
  readonly connectTimeoutMs: number;
  readonly firstChunkTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly priority: Priority;
  readonly whenDown: 'fail' | 'wait';
  readonly signal: AbortSignal | undefined;
}

const priorities = ['high', 'normal', 'low'];

/** The terms of requests without options of their own, made once for all CIs that share their limits. */
const defaults = new WeakMap<Limits, Readonly<Record<Manner, RequestTerms>>>();

/** The terms of a CI's requests that name no options. */
export function defaultTerms(limits: Limits): Readonly<Record<Manner, RequestTerms>> {
  const known = defaults.get(limits);
  if (known !== undefined) return known;
  const terms = { whole: complete('whole', {}, limits), stream: complete('stream', {}, limits) };
  defaults.set(limits, terms);
  return terms;
}

/**
 * Checks a request's options, and fills in the CI's defaults.
 *
 * @throws ChoragusError `invalid_config`
 */
export function readTerms(manner: Manner, options: StreamOptions, limits: Limits): RequestTerms {
  checkOptions(manner, options);
  return complete(manner, options, limits);
}

function complete(manner: Manner, options: StreamOptions, limits: Limits): RequestTerms {
  return {
    manner,
    deadlineMs: options.deadlineMs ?? (manner === 'stream' ? limits.streamTimeoutMs : limits.requestTimeoutMs),
    connectTimeoutMs: options.connectTimeoutMs ?? Number.POSITIVE_INFINITY,
    firstChunkTimeoutMs: options.firstChunkTimeoutMs ?? limits.requestTimeoutMs,
    idleTimeoutMs: options.idleTimeoutMs ?? limits.requestTimeoutMs,
    priority: options.priority ?? 'normal',
    whenDown: options.waitForReady === true ? 'wait' : 'fail',
    signal: options.signal,
  };
}

function checkOptions(manner: Manner, options: RequestOptions): void {
  if (typeof options !== 'object' || options === null) throw invalid('the options must be an object');
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (name.endsWith('Ms') && times.has(name)) {
      if (typeof value !== 'number' || !(value > 0 && value <= MAX_TIMER_MS)) {
        throw invalid(
          `${name} is ${String(value)}, and takes a number of milliseconds from above 0 to ${MAX_TIMER_MS}`,
        );
      }
    } else if (name === 'priority') {
      if (!priorities.includes(value as string))
        throw invalid(`priority is ${String(value)}, and takes ${priorities.join(', ')}`);
    } else if (name === 'waitForReady') {
      if (typeof value !== 'boolean') throw invalid('waitForReady takes true or false');
    } else if (name === 'signal') {
      if (!(value instanceof AbortSignal)) throw invalid('signal takes an AbortSignal');
    } else if (name === 'onEnd' && manner === 'stream') {
      if (typeof value !== 'function') throw invalid('onEnd takes a function');
    } else throw invalid(`${name} is not an option of a ${manner === 'stream' ? 'stream' : 'request'}`);
  }
}

const times = new Set(['deadlineMs', 'connectTimeoutMs', 'firstChunkTimeoutMs', 'idleTimeoutMs']);

function invalid(message: string): ChoragusError {
  return new ChoragusError('invalid_config', message, { delivery: 'not_sent' });
}
