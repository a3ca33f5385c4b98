import type {
  BroadcastOptions,
  ChatSettings,
  CiOptions,
  Message,
  Pool,
  PoolOptions,
  RequestOptions,
  StreamOptions,
  TlsOptions,
  WireMessage,
} from '../../../src/index.js';
import { createPool, readEnvironment } from '../../../src/index.js';
import {
  anyFunction,
  anyText,
  bytes,
  either,
  emptyList,
  emptyRecord,
  flag,
  type Kind,
  ms,
  msOrNone,
  none,
  number,
  optional,
  record,
  someText,
  textLike,
  time,
  whole,
} from './kinds.js';
import { optionRows, optionsRows, type Row } from './row.js';
import type { World } from './world.js';

type Kinds<T> = Readonly<Record<keyof T, Kind>>;

const times = { deadlineMs: optional(time), connectTimeoutMs: optional(time) };
const signal = optional();

const requestOptions: Kinds<RequestOptions> = {
  ...times,
  signal,
  waitForReady: optional(flag),
  priority: optional(),
};
const streamOptions: Kinds<StreamOptions> = {
  ...requestOptions,
  firstChunkTimeoutMs: optional(time),
  idleTimeoutMs: optional(time),
  onEnd: optional(anyFunction),
};
const broadcastOptions: Kinds<BroadcastOptions> = {
  ...times,
  signal,
  to: optional((value) => Array.isArray(value) && value.length === 0),
  firstChunkTimeoutMs: optional(time),
  idleTimeoutMs: optional(time),
  stream: optional(flag),
};

/** Texts that name no CI are `unknown_ci`, since they could be names. */
const ciName = anyText;
const text = someText;
const setting: Kinds<Pick<ChatSettings, 'context' | 'temperature' | 'maxTokens'>> = {
  context: optional(record),
  temperature: optional(number(-Number.MAX_VALUE, Number.MAX_VALUE)),
  maxTokens: optional(whole(1)),
};

/** The rows of a function that takes a CI, a message and options. */
function requestRows(
  name: 'ask' | 'stream',
  call: (pool: Pool, ci: string, message: Message, options?: never) => unknown,
  options: Readonly<Record<string, Kind>>,
): readonly Row[] {
  const of = `pool.${name}`;
  return [
    { of, names: 'ci', right: ciName, act: (value, { pool }) => call(pool, value as string, 'hello') },
    { of, names: 'message', right: text, act: (value, { pool }) => call(pool, 'apollo', value as string) },
    ...messageRows(of, ({ pool }, message) => call(pool, 'apollo', message)),
    ...optionsRows(of, (given, { pool }) => call(pool, 'apollo', 'hello', given), optional(emptyRecord), options),
  ];
}

function messageRows(of: string, call: (world: World, message: Message) => unknown): readonly Row[] {
  const ask = (message: never, world: World): unknown => call(world, message);
  return [
    ...optionRows(of, ask, { content: text, messages: none }),
    ...optionRows(of, ask, { messages: optional() }, () => ({ content: 'hello' })),
    {
      of,
      names: 'messages',
      right: none,
      act: (value, world) => call(world, { messages: [value as object] }),
    },
    ...optionRows(of, ask, setting, () => ({ content: 'hello' })).map(namingMessage),
  ];
}

/** The values within a context are not checked: if JSON cannot represent them, the error names the whole message. */
function namingMessage(row: Row): Row {
  return row.names === 'context' ? { ...row, names: /\b(?:context|message)\b/ } : row;
}

const drain = { drainTimeoutMs: optional(number(0)) };
const list = optional((value: unknown) => Array.isArray(value) && value.length === 0);

const poolRows: readonly Row[] = [
  ...requestRows('ask', (pool, ...rest) => pool.ask(...rest), requestOptions),
  ...requestRows('stream', (pool, ...rest) => pool.stream(...rest), streamOptions),
  {
    of: 'pool.request',
    names: 'ci',
    right: ciName,
    act: (value, { pool }) => pool.request(value as string, { type: 'info' }),
  },
  {
    of: 'pool.request',
    names: 'message',
    right: none,
    act: (value, { pool }) => pool.request('apollo', value as WireMessage),
  },
  ...optionRows('pool.request', (message, { pool }) => pool.request('apollo', message), { type: someText }),
  ...optionsRows(
    'pool.request',
    (options, { pool }) => pool.request('apollo', { type: 'info' }, options),
    optional(emptyRecord),
    requestOptions,
  ),
  { of: 'pool.broadcast', names: 'message', right: text, act: (value, { pool }) => pool.broadcast(value as string) },
  ...messageRows('pool.broadcast', ({ pool }, message) => pool.broadcast(message)),
  ...optionsRows(
    'pool.broadcast',
    (options, { pool }) => pool.broadcast('hello', options),
    optional(emptyRecord),
    broadcastOptions,
  ),
  {
    of: 'pool.broadcast',
    names: 'to',
    right: ciName,
    act: (value, { pool }) => pool.broadcast('hello', { to: ['apollo', value as string] }),
  },
  { of: 'pool.warm', names: 'cis', right: list, act: (value, { pool }) => pool.warm(value as string[]) },
  { of: 'pool.warm', names: 'cis', right: ciName, act: (value, { pool }) => pool.warm(['apollo', value as string]) },
  {
    of: 'pool.add',
    names: 'CI name',
    right: textLike(/^[x5]{1,128}$/),
    act: (value, { pool }) => pool.add(value as string, 'memory://new'),
  },
  {
    of: 'pool.add',
    names: /\b(?:url|options|unknown|__proto__)\b/,
    right: none,
    act: (value, { pool }) => pool.add('new', value as string),
  },
  { of: 'pool.remove', names: 'ci', right: ciName, act: (value, { pool }) => pool.remove(value as string) },
  ...optionsRows('pool.remove', (options, { pool }) => pool.remove('apollo', options), optional(emptyRecord), drain),
  ...optionsRows('pool.close', (options, { pool }) => pool.close(options), optional(emptyRecord), drain),
];

const count = optional(whole(1, 1_000_000));
const limits = {
  connectTimeoutMs: optional(ms),
  requestTimeoutMs: optional(ms),
  streamTimeoutMs: optional(ms),
  healthIntervalMs: optional(ms),
  heartbeatTimeoutMs: optional(ms),
  degradeAfterFailures: count,
  maxMissedHeartbeats: count,
  reconnectDelayMs: optional(ms),
  maxReconnectDelayMs: optional(ms),
  minRedialIntervalMs: optional(ms),
  provenUptimeMs: optional(msOrNone),
  maxRequestBytes: optional(whole(256, 2 ** 30)),
  maxReplyBytes: optional(whole(256, 2 ** 28)),
  maxConnections: optional(whole(1, 1_000)),
  pipelining: optional(whole(1, 1_000)),
  maxInFlight: optional(whole(1, 100_000)),
  maxWaiting: count,
  lateReplyGraceMs: optional(msOrNone),
  maxConnectionAgeMs: optional(msOrNone),
};

const pem = either(anyText, bytes);
const tlsOptions: Kinds<TlsOptions> = {
  ca: optional(pem, emptyList),
  cert: optional(pem),
  key: optional(pem),
  passphrase: optional(anyText),
  servername: optional(anyText),
  rejectUnauthorized: optional(flag),
};
const ciOptions: Kinds<CiOptions> = {
  ...limits,
  url: none,
  tls: optional(emptyRecord),
  headers: optional(emptyRecord),
  apiKey: optional(textLike(/^[\x21-\x7e]+$/)),
  traceContext: optional(flag),
  ordering: optional(textLike(/^(proved|trusted)$/)),
};

const poolOptions: Kinds<PoolOptions> = {
  ...limits,
  cis: optional(emptyRecord),
  maxDials: count,
  maxRestarts: optional(whole(0, 1_000)),
  restartWindowMs: optional(ms),
  broadcastDeadlineMs: optional(ms),
  broadcastConnectTimeoutMs: optional(ms),
  drainTimeoutMs: optional(msOrNone),
  ordering: optional(textLike(/^(proved|trusted)$/)),
  logger: optional((value) => value === false),
  logContent: optional(flag),
  inspect: optional(anyFunction),
  transports: optional(emptyRecord),
  clock: optional(),
  random: optional(anyFunction),
};

const oneCi = (options: object, { wire }: World): unknown => {
  const prepared = { prepare: wire.prepare };
  return createPool({ logger: false, transports: { memory: prepared }, cis: { apollo: options as CiOptions } });
};
const atMemory = () => ({ url: 'memory://apollo' });

/** The error for a bad entry of `cis` names its CI. */
function namingCi(row: Row): Row {
  return row.names === 'cis' ? { ...row, names: /\bcis\b|\bCI (?:name is )?"/ } : row;
}

const createPoolRows: readonly Row[] = [
  ...optionsRows('createPool', createPool, optional(emptyRecord), poolOptions, () => ({ logger: false })).map(namingCi),
  ...optionRows('createPool', oneCi, ciOptions, atMemory),
  ...optionRows('createPool', (tls, world) => oneCi({ ...atMemory(), tls }, world), tlsOptions),
  {
    of: 'createPool',
    names: 'headers',
    right: textLike(/^[\t\x20-\x7e\x80-\xff]*$/),
    act: (value, world) => oneCi({ ...atMemory(), headers: { 'x-tenant': value } }, world),
  },
  { of: 'createPool', names: 'apollo', right: none, act: (value, world) => oneCi(value as object, world) },
  {
    of: 'createPool',
    names: 'transports',
    right: none,
    act: (value) => createPool({ logger: false, transports: { own: value as never } }),
  },
];

const environmentRows: readonly Row[] = [
  { of: 'readEnvironment', names: 'env', right: record, act: (value) => readEnvironment(value as never) },
  ...optionRows('readEnvironment', readEnvironment, {
    APOLLO_PORT: optional(textLike(/^(?:5|)$/)),
    TEKTON_AI_PORT_BASE: optional(textLike(/^(?:5|)$/)),
  }),
];

/** Functions that serve requests: `createPool`, `readEnvironment`, and the methods of a pool. */
export const rowsOfPool: readonly Row[] = [...poolRows, ...createPoolRows, ...environmentRows];
