import { NEVER } from 'rxjs';
import {
  ChoragusError,
  collect,
  deadline,
  type ErrorDetails,
  firstChunkTimeout,
  idleTimeout,
  noRetry,
  type ToAsyncIterableOptions,
  text,
  toAsyncIterable,
} from '../../../src/index.js';
import { anyText, emptyRecord, type Kind, none, number, optional, time, whole } from './kinds.js';
import { optionRows, optionsRows, type Row } from './row.js';

const timed = { deadline, firstChunkTimeout, idleTimeout } as const;

const iterableOptions: Readonly<Record<keyof ToAsyncIterableOptions, Kind>> = {
  bufferSize: optional(whole(1, 1_000_000)),
  overflow: optional(),
};

/** The result of an operator takes a source. */
const sources = { ...timed, noRetry: () => noRetry(), collect: () => collect(), text: () => text() } as const;

/** All except `cause`, which can be anything. */
const details: Readonly<Record<Exclude<keyof ErrorDetails, 'cause'>, Kind>> = {
  ci: optional(anyText),
  delivery: optional(),
  phase: optional(),
  timings: optional(),
  partial: optional(anyText),
  said: optional(anyText),
  status: optional(whole(Number.MIN_SAFE_INTEGER)),
  retryAfterMs: optional(number(0)),
};

const errorRows: readonly Row[] = [
  {
    of: 'ChoragusError',
    names: 'code',
    right: none,
    act: (value) => new ChoragusError(value as 'closed', 'a message'),
  },
  {
    of: 'ChoragusError',
    names: 'message',
    right: anyText,
    act: (value) => new ChoragusError('closed', value as string),
  },
  ...optionsRows(
    'ChoragusError',
    (given) => new ChoragusError('closed', 'a message', given),
    optional(emptyRecord),
    details,
  ).map(namingDetails),
  ...optionsRows(
    'error.with',
    (given) => new ChoragusError('closed', 'a message').with(given),
    emptyRecord,
    details,
  ).map(namingDetails),
];

/** Its argument is called `details`. */
function namingDetails(row: Row, index: number): Row {
  return index === 0 ? { ...row, names: /\b(?:details|unknown|__proto__)\b/ } : row;
}

export const rowsOfOperators: readonly Row[] = [
  ...Object.entries(timed).map(
    ([of, operator]): Row => ({ of, names: 'ms', right: time, act: (value) => operator(value as number) }),
  ),
  ...Object.entries(sources).map(
    ([of, operator]): Row => ({ of, names: 'source', right: none, act: (value) => operator(1)(value as never) }),
  ),
  { of: 'toAsyncIterable', names: 'source', right: none, act: (value) => toAsyncIterable(value as never) },
  ...optionsRows(
    'toAsyncIterable',
    (options) => toAsyncIterable(NEVER, options),
    optional(emptyRecord),
    iterableOptions,
  ),
  ...errorRows,
  ...optionRows('ChoragusError', (timings) => new ChoragusError('closed', 'x', { timings }), {
    queuedMs: none,
    totalMs: none,
  }).map((row) => ({ ...row, names: 'timings' })),
];
