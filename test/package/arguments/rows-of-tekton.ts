import { ChoragusError } from '../../../src/index.js';
import { createTektonClient, type TektonClient, type TektonClientOptions } from '../../../src/tekton/index.js';
import {
  anyFunction,
  anyText,
  emptyRecord,
  type Kind,
  none,
  number,
  optional,
  record,
  someText,
  textLike,
  whole,
} from './kinds.js';
import { optionsRows, type Row } from './row.js';
import type { World } from './world.js';

const isNull: Kind = (value) => value === null;

const client = ({ pool }: World): TektonClient =>
  createTektonClient({
    pool: () => pool,
    direct: () => {
      throw new Error('a direct connection');
    },
  });

const host = textLike(/^(?:x+|5)$/);
const port: Kind = (value) => whole(1, 65_535)(value) || value === '5';
const timing = { timeout: optional(isNull, number(0, 2_147_483)) };
const settings = {
  ...timing,
  context: optional(isNull, record),
  temperature: optional(isNull, number(-Number.MAX_VALUE, Number.MAX_VALUE)),
  maxTokens: optional(isNull, whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
};
const clientOptions: Readonly<Record<keyof TektonClientOptions, Kind>> = {
  pool: anyFunction,
  direct: optional(anyFunction),
  directOptions: optional(anyFunction),
  now: optional(anyFunction),
};

type Call = (to: readonly unknown[], world: World) => unknown;

/** The functions, called with arguments of any kind. They report failures as results. */
const call =
  (name: keyof TektonClient): Call =>
  async (given, world) => {
    const result: unknown = await (client(world)[name] as (...given: readonly unknown[]) => unknown)(...given);
    if (name === 'sendToAll') return thrown((result as Readonly<Record<string, unknown>>).apollo);
    return thrown(result);
  };

function thrown(result: unknown): unknown {
  const text = (result as { readonly error?: unknown } | undefined)?.error;
  if (typeof text !== 'string') return result;
  const [, code = '', reason = ''] = /^\[(\w+)\] ([\s\S]*)$/.exec(text) ?? [];
  throw new ChoragusError(code as 'invalid_config', reason, { delivery: 'not_sent' });
}

/** The rows of a function's arguments, the last of which are options. */
function rowsOf(
  of: keyof TektonClient,
  kinds: Readonly<Record<string, Kind>>,
  good: readonly unknown[],
  options: Readonly<Record<string, Kind>>,
): readonly Row[] {
  const args = Object.entries(kinds).map(([names, right], index): Row => {
    const act: Row['act'] = (value, world) => call(of)(good.with(index, value), world);
    return { of, names, right, act };
  });
  const withOptions = (given: never, world: World): unknown => call(of)([...good, given], world);
  return [...args, ...optionsRows(of, withOptions, optional(emptyRecord), options)];
}

export const rowsOfTekton: readonly Row[] = [
  ...optionsRows('createTektonClient', createTektonClient, none, clientOptions, ({ pool }) => ({
    pool: () => pool,
  })).map((row, index) => (index === 0 ? { ...row, names: /\b(?:options|pool|unknown|__proto__)\b/ } : row)),
  ...rowsOf('sendMessage', { host, port, message: someText }, ['x', 5, 'hello'], settings),
  ...rowsOf('sendToAi', { name: anyText, message: someText }, ['apollo', 'hello'], settings),
  ...rowsOf('sendToAll', { message: someText }, ['hello'], settings),
  ...rowsOf('ping', { host, port }, ['x', 5], timing),
  ...rowsOf('streamMessage', { host, port, message: someText }, ['x', 5, 'hello'], settings),
];
