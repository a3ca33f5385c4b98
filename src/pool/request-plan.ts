import type { Limits, Priority, Reply, RequestOptions, StreamOptions } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { checkRequestBytes, type EncodedRequest } from '../protocol/encode-request.js';
import { MAX_TIMER_MS } from './options.js';

/** How a request is to be carried, complete and checked. Times in ms. */
export interface RequestPlan {
  readonly type: string;
  /** The request in JSON, without its last brace. */
  readonly body: string;
  readonly manner: 'whole' | 'stream';
  readonly deadlineMs: number;
  readonly connectTimeoutMs: number;
  readonly firstChunkTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly priority: Priority;
  readonly whenDown: 'fail' | 'wait';
  readonly signal: AbortSignal | undefined;
  /** Called with the whole of a stream just before it completes. */
  readonly onWhole?: ((reply: Reply) => void) | undefined;
}

const priorities = ['high', 'normal', 'low'];
const NONE: StreamOptions = {};

/**
 * Makes a plan of a request: checks its options and its size, and fills in the CI's defaults.
 *
 * @throws ChoragusError `invalid_config` or `request_too_large`
 */
export function planRequest(
  encoded: EncodedRequest,
  manner: 'whole' | 'stream',
  options: StreamOptions = NONE,
  ci: { readonly name: string; readonly limits: Limits },
): RequestPlan {
  const { limits } = ci;
  checkRequestBytes(encoded.body, limits.maxRequestBytes, ci.name);
  if (options !== NONE) checkOptions(options);
  return {
    type: encoded.type,
    body: encoded.body,
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

function checkOptions(options: RequestOptions): void {
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
    } else throw invalid(`${name} is not an option of a request`);
  }
}

const times = new Set(['deadlineMs', 'connectTimeoutMs', 'firstChunkTimeoutMs', 'idleTimeoutMs']);

function invalid(message: string): ChoragusError {
  return new ChoragusError('invalid_config', message, { delivery: 'not_sent' });
}
