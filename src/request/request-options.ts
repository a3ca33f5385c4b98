import * as v from 'valibot';
import {
  aFunction,
  check,
  copied,
  expected,
  isAbortSignal,
  isTimeMs,
  MAX_TIMER_MS,
  optionsOf,
} from '../checks/index.js';
import type { Priority, Reply, ReplyMode, StreamOptions } from '../contract/index.js';

const priorities = ['high', 'normal', 'low'] as const satisfies readonly Priority[];

const time = v.optional(expected<number>(`a number of milliseconds above 0, at most ${MAX_TIMER_MS}`, isTimeMs));
const whole = {
  deadlineMs: time,
  connectTimeoutMs: time,
  firstChunkTimeoutMs: time,
  idleTimeoutMs: time,
  signal: v.optional(expected<AbortSignal>('an AbortSignal', isAbortSignal)),
  waitForReady: v.optional(v.boolean('true or false')),
  priority: v.optional(v.picklist(priorities, priorities.join(', '))),
};
const schemas = {
  whole: optionsOf(whole),
  stream: optionsOf({ ...whole, onEnd: v.optional(aFunction<(reply: Reply) => void>()) }),
};

/** Checked options that the user can no longer change: a broadcast need not check them again for each CI. */
export class CheckedOptions implements StreamOptions {
  readonly deadlineMs: StreamOptions['deadlineMs'];
  readonly connectTimeoutMs: StreamOptions['connectTimeoutMs'];
  readonly firstChunkTimeoutMs: StreamOptions['firstChunkTimeoutMs'];
  readonly idleTimeoutMs: StreamOptions['idleTimeoutMs'];
  readonly signal: StreamOptions['signal'];
  readonly waitForReady: StreamOptions['waitForReady'];
  readonly priority: StreamOptions['priority'];
  readonly #isChecked = true;

  constructor(options: StreamOptions) {
    this.deadlineMs = options.deadlineMs;
    this.connectTimeoutMs = options.connectTimeoutMs;
    this.firstChunkTimeoutMs = options.firstChunkTimeoutMs;
    this.idleTimeoutMs = options.idleTimeoutMs;
    this.signal = options.signal;
    this.waitForReady = options.waitForReady;
    this.priority = options.priority;
  }

  /** Tests the brand: a proxy can throw at `instanceof`. */
  static has(options: unknown): options is CheckedOptions {
    return typeof options === 'object' && options !== null && #isChecked in options;
  }
}

/**
 * Checks a request's options, and copies them. Usual options are checked directly; the schema runs only if that finds
 * anything unusual.
 *
 * @param of - The owner of the options, for the message.
 * @throws ChoragusError `invalid_config` with each bad option, its value and what it accepts.
 */
export function readRequestOptions(
  replyMode: ReplyMode,
  options: unknown,
  of = replyMode === 'stream' ? 'a stream' : 'a request',
): StreamOptions {
  if (CheckedOptions.has(options)) return options;
  const copy = plainCopy(options);
  return copy !== undefined && areGood(replyMode, copy) ? copy : slowCopy(replyMode, copy ?? options, of);
}

function slowCopy(replyMode: ReplyMode, options: unknown, of: string): StreamOptions {
  const given = check(copied('an object'), options, { of });
  // An undefined option counts as absent.
  for (const [name, value] of Object.entries(given)) if (value === undefined) delete given[name];
  return check(schemas[replyMode], given, { of });
}

/** Copies the own fields of a plain object, reading each once; returns undefined for anything else. */
export function plainCopy(options: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof options !== 'object' || options === null) return undefined;
  try {
    return Object.getPrototypeOf(options) === Object.prototype ? { ...options } : undefined;
  } catch {
    // A getter, or a proxy.
    return undefined;
  }
}

function areGood(replyMode: ReplyMode, options: Readonly<Record<string, unknown>>): boolean {
  try {
    for (const name of Object.keys(options)) {
      const value = options[name];
      if (value !== undefined && !isGood(replyMode, name, value)) return false;
    }
    return true;
  } catch {
    // A getter of the signal threw.
    return false;
  }
}

function isGood(replyMode: ReplyMode, name: string, value: unknown): boolean {
  switch (name) {
    case 'deadlineMs':
    case 'connectTimeoutMs':
    case 'firstChunkTimeoutMs':
    case 'idleTimeoutMs':
      return isTimeMs(value);
    case 'signal':
      return isAbortSignal(value);
    case 'waitForReady':
      return typeof value === 'boolean';
    case 'priority':
      return (priorities as readonly unknown[]).includes(value);
    case 'onEnd':
      return replyMode === 'stream' && typeof value === 'function';
    default:
      return false;
  }
}
