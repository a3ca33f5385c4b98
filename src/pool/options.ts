import * as v from 'valibot';
import type { CiOptions, Limits, PoolOptions } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';

/** The longest time that a timer of the system can hold: 24.8 days. */
export const MAX_TIMER_MS = 2_147_483_647;

const ms = v.pipe(v.number(), v.minValue(1), v.maxValue(MAX_TIMER_MS));
const msOrNone = v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_TIMER_MS));
const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000));

const limits = {
  connectTimeoutMs: v.optional(ms, 2_000),
  requestTimeoutMs: v.optional(ms, 30_000),
  streamTimeoutMs: v.optional(ms, 600_000),
  healthIntervalMs: v.optional(ms, 30_000),
  heartbeatTimeoutMs: v.optional(ms, 2_000),
  degradeAfterFailures: v.optional(count, 3),
  maxMissedHeartbeats: v.optional(count, 3),
  reconnectDelayMs: v.optional(ms, 5_000),
  maxReconnectDelayMs: v.optional(ms, 60_000),
  provenUptimeMs: v.optional(msOrNone, 10_000),
  maxRequestBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(256), v.maxValue(2 ** 30)), 65_536),
  maxReplyBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(256), v.maxValue(2 ** 28)), 16_777_216),
  maxConnections: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 4),
  pipelining: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 1),
  maxInFlight: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000)), 256),
  maxWaiting: v.optional(count, 1_000),
  lateReplyGraceMs: v.optional(msOrNone, 1_000),
  maxConnectionAgeMs: v.optional(msOrNone, 0),
};

const pem = v.union([v.string(), v.instance(Buffer)]);
const tls = v.strictObject({
  ca: v.optional(v.union([pem, v.array(pem)])),
  cert: v.optional(pem),
  key: v.optional(pem),
  passphrase: v.optional(v.string()),
  servername: v.optional(v.string()),
  rejectUnauthorized: v.optional(v.boolean()),
});

/** Names and values as HTTP allows them (RFC 9110, section 5): no line ends, which would begin another header. */
const headers = v.record(
  v.pipe(v.string(), v.regex(/^[\w!#$%&'*+.^`|~-]+$/, "a header's name")),
  v.pipe(v.string(), v.regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'a text that a header can hold')),
);
const apiKey = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/, 'a text of visible ASCII characters'));

/** A CI's own options. @internal */
export const ciSchema = v.strictObject({
  ...optionalOf(limits),
  url: v.string(),
  tls: v.optional(tls),
  headers: v.optional(headers),
  apiKey: v.optional(apiKey),
});
/** Options whose values are secret, whatever is wrong with them. */
const SECRETS: readonly unknown[] = ['tls', 'headers', 'apiKey'];
/** A pool's options. @internal */
export const poolSchema = v.strictObject({
  ...limits,
  cis: v.optional(v.custom<object>(isRecord, 'URLs, or options, by name')),
  maxDials: v.optional(count, 256),
  maxRestarts: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000)), 5),
  restartWindowMs: v.optional(ms, 60_000),
  broadcastDeadlineMs: v.optional(ms, 2_000),
  broadcastConnectTimeoutMs: v.optional(ms, 500),
  drainTimeoutMs: v.optional(msOrNone, 5_000),
  logger: v.optional(
    v.custom<object | false>((logger) => logger === false || isLogger(logger), 'a pino logger, or false'),
  ),
  inspect: v.optional(v.custom<object>(isObserver, 'an inspection observer')),
  transports: v.optional(v.record(v.string(), v.custom<object>(isTransport, 'an object with prepare()'))),
  clock: v.optional(v.custom<object>(isClock, 'a Clock')),
  random: v.optional(v.custom<() => number>((random) => typeof random === 'function', 'a function')),
});

/** A pool's own options, complete. */
export interface PoolSettings
  extends Required<Omit<PoolOptions, 'logger' | 'inspect' | 'transports' | 'clock' | 'random' | keyof Limits>> {
  readonly limits: Limits;
  /** The names of the options that were given, and not filled in. */
  readonly given: ReadonlySet<string>;
}

/** One CI's options, complete. A CI without options of its own shares the pool's `limits` object. */
export interface CiSettings {
  readonly url: string;
  readonly tls: CiOptions['tls'];
  readonly headers: CiOptions['headers'];
  readonly apiKey: CiOptions['apiKey'];
  readonly limits: Limits;
}

const MAX_NAME_LENGTH = 128;

/**
 * Checks a pool's options, all of them at once.
 *
 * @throws ChoragusError `invalid_config`, naming each bad option, its value and what it takes.
 */
export function readPoolOptions(options: PoolOptions): PoolSettings {
  const settings = check(poolSchema, options, 'createPool') as unknown as Required<PoolOptions>;
  const chosen = Object.fromEntries(Object.keys(limits).map((name) => [name, settings[name as keyof Limits]]));
  const given = new Set(Object.keys(options).filter((name) => options[name as keyof PoolOptions] !== undefined));
  return { ...settings, cis: options.cis ?? {}, limits: Object.freeze(chosen) as unknown as Limits, given };
}

/** Checks one CI's name and options, and fills in the pool's. @throws ChoragusError `invalid_config` */
export function readCiOptions(ci: string, options: string | CiOptions, defaults: Limits): CiSettings {
  checkName(ci);
  const one = typeof options === 'string' ? { url: options } : options;
  const { url, tls, headers, apiKey, ...own } = check(ciSchema, one, `CI "${ci}"`) as CiOptions;
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  const limits = Object.keys(given).length === 0 ? defaults : Object.freeze({ ...defaults, ...given });
  return { url, tls, headers, apiKey, limits };
}

function checkName(ci: unknown): void {
  // A name is a key of plain objects, a log field and a label: one that means something else there is refused.
  if (
    typeof ci === 'string' &&
    ci.length <= MAX_NAME_LENGTH &&
    /^[\w[][\w.:@%/[\]-]*$/.test(ci) &&
    !/__proto__|\/\//.test(ci)
  )
    return;
  throw invalid(
    `CI name ${show(ci)}: a name takes letters, digits and _ . : @ % / [ ] -, begins with a letter, a digit, _ or [, and has at most ${MAX_NAME_LENGTH} characters`,
  );
}

function check(schema: v.GenericSchema, input: unknown, what: string): unknown {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw invalid(`${what}: ${result.issues.map(describe).join('; ')}`);
}

function describe(issue: v.BaseIssue<unknown>): string {
  const path = (issue.path ?? []).map((item) => String(item.key));
  const name = path.join('.') || 'options';
  if (issue.expected === 'never') return `${name} is not an option`;
  if (issue.type === 'strict_object' && path.length > 0 && issue.input === undefined) return `${name} is missing`;
  const value = SECRETS.includes(path[0]) ? 'a value' : show(issue.input);
  return `${name} is ${value}, and takes ${takes(issue)}`;
}

function takes(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'integer') return 'a whole number';
  return ['custom', 'regex'].includes(issue.type) ? issue.message : (issue.expected ?? issue.message);
}

function show(value: unknown): string {
  // What stands before an @ in a URL is secret, in the wrong place, too.
  if (typeof value === 'string' && value.includes('@')) return 'a text with an @';
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function invalid(message: string): ChoragusError {
  return new ChoragusError('invalid_config', message, { delivery: 'not_sent' });
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  const object = value as Record<string, unknown> | null | undefined;
  return names.every((name) => typeof object?.[name] === 'function');
}

function isLogger(value: unknown): boolean {
  return hasMethods(value, ['info', 'warn', 'error', 'debug', 'child']);
}

function isObserver(value: unknown): boolean {
  return typeof value === 'function' || hasMethods(value, ['next']);
}

function isClock(value: unknown): boolean {
  return hasMethods(value, ['now', 'setTimeout', 'clearTimeout', 'setHold', 'afterIo']);
}

function isTransport(value: unknown): boolean {
  return hasMethods(value, ['prepare']);
}

type LimitSchemas = typeof limits;

/** The same checks without defaults: what a CI leaves out is the pool's to say. */
function optionalOf(schemas: LimitSchemas): {
  [K in keyof LimitSchemas]: v.OptionalSchema<v.GenericSchema, undefined>;
} {
  const entries = Object.entries(schemas).map(([name, schema]) => [
    name,
    v.optional(schema.wrapped as v.GenericSchema),
  ]);
  return Object.fromEntries(entries) as { [K in keyof LimitSchemas]: v.OptionalSchema<v.GenericSchema, undefined> };
}
