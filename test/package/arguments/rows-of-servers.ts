import { serveCi, serveProxy } from '../../../src/index.js';
import {
  anyFunction,
  anyText,
  emptyList,
  emptyRecord,
  flag,
  type Kind,
  none,
  number,
  optional,
  record,
  someText,
  whole,
} from './kinds.js';
import { optionRows, optionsRows, type Row } from './row.js';

const handler = () => 'an answer';
const service = () => ({ id: 'hermes', handler });
const limit = optional(whole(1));

const server: Readonly<Record<string, Kind>> = {
  id: someText,
  handler: anyFunction,
  listen: optional(emptyRecord),
  correlation: optional(),
  streaming: optional(),
  component: optional(anyText),
  description: optional(anyText),
  model: optional(anyText),
  systemPrompt: optional(anyText),
  maxLineBytes: limit,
};
const listening: Readonly<Record<string, Kind>> = {
  port: optional(whole(0, 65_535)),
  host: optional(someText),
  path: optional(someText),
  tls: optional(),
  webSocket: optional(flag, emptyRecord),
};
const proxy: Readonly<Record<string, Kind>> = {
  maxLineBytes: limit,
  maxPending: limit,
  maxUnreadBytes: limit,
};

/** The error names missing options as well. */
const named = (row: Row, index: number): Row =>
  index === 0 ? { ...row, names: /\b(?:options|id|handler|listen|unknown|__proto__)\b/ } : row;

const proxyOf =
  (options: object): Row['act'] =>
  (_value, { pool }) =>
    serveProxy(pool, { listen: { apollo: 0 }, ...options });

export const rowsOfServers: readonly Row[] = [
  ...optionsRows('serveCi', serveCi, none, server, service).map(named),
  ...optionRows('serveCi', (listen) => serveCi({ ...service(), listen }), listening),
  {
    of: 'serveCi',
    names: 'origins',
    right: optional(emptyList),
    act: (value) => serveCi({ ...service(), listen: { webSocket: { origins: value as never } } }),
  },
  { of: 'serveProxy', names: 'pool', right: none, act: (value) => serveProxy(value as never, { listen: {} }) },
  ...optionsRows(
    'serveProxy',
    (options, { pool }) => serveProxy(pool, options),
    none,
    proxy,
    () => ({
      listen: { apollo: 0 },
    }),
  ).map(named),
  {
    of: 'serveProxy',
    names: 'listen',
    // A name unknown to the pool is `unknown_ci`, once the addresses are right.
    right: (value) => record(value) && !Object.hasOwn(value as object, '__proto__'),
    act: (value, world) => proxyOf({ listen: value })(value, world),
  },
  {
    of: 'serveProxy',
    names: /\b(?:listen|apollo)\b/,
    right: (value) => whole(0, 65_535)(value) || emptyRecord(value),
    act: (value, world) => proxyOf({ listen: { apollo: value } })(value, world),
  },
  ...optionsRows(
    'proxy.close',
    async (options, { pool }) => {
      await using made = await serveProxy(pool, { listen: {} });
      await made.close(options);
    },
    optional(emptyRecord),
    { drainTimeoutMs: optional(number(0)) },
  ),
];
