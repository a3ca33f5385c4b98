import * as v from 'valibot';
import {
  aFunction,
  type Checked,
  check,
  copied,
  headers,
  milliseconds,
  optionsOf,
  pem,
  pems,
  recordOf,
  wholeNumber,
  withMethods,
} from '../checks/index.js';
import type {
  CiOptions,
  Clock,
  InspectionObserver,
  Limits,
  Logger,
  PoolOptions,
  Transport,
} from '../contract/index.js';
import { describeValue, invalidConfig } from '../errors/index.js';

const ms = milliseconds(1);
const msOrNone = milliseconds(0);
const count = wholeNumber(1, 1_000_000);

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
  minRedialIntervalMs: v.optional(ms, 20),
  provenUptimeMs: v.optional(msOrNone, 10_000),
  maxRequestBytes: v.optional(wholeNumber(256, 2 ** 30), 65_536),
  maxReplyBytes: v.optional(wholeNumber(256, 2 ** 28), 16_777_216),
  maxConnections: v.optional(wholeNumber(1, 1_000), 4),
  pipelining: v.optional(wholeNumber(1, 1_000), 1),
  maxInFlight: v.optional(wholeNumber(1, 100_000), 256),
  maxWaiting: v.optional(count, 1_000),
  lateReplyGraceMs: v.optional(msOrNone, 1_000),
  maxConnectionAgeMs: v.optional(msOrNone, 0),
};

const ordering = v.picklist(['proved', 'trusted'], 'proved or trusted');
const text = v.string('a string');
const flag = v.boolean('true or false');
const tls = optionsOf({
  ca: v.optional(pems),
  cert: v.optional(pem),
  key: v.optional(pem),
  passphrase: v.optional(text),
  servername: v.optional(text),
  rejectUnauthorized: v.optional(flag),
});

const apiKey = v.message(v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/)), 'a string of visible ASCII characters');

/** The options of one CI. @internal */
export const ciSchema = v.strictObject({
  ...optionalOf(limits),
  url: text,
  tls: v.optional(tls),
  headers: v.optional(headers),
  apiKey: v.optional(apiKey),
  traceContext: v.optional(flag),
  ordering: v.optional(ordering),
});
const ciOptions = optionsOf(ciSchema.entries, 'a URL, or an object of options');
/** Options whose values are never shown. */
const SECRETS = ['tls', 'headers', 'apiKey'];
const logger = withMethods<Logger>('a pino logger', 'info', 'warn', 'error', 'debug', 'child');
const observer = withMethods<InspectionObserver>('an inspection observer', 'next');
/** The options of a pool. @internal */
export const poolSchema = v.strictObject({
  ...limits,
  cis: v.optional(copied('URLs, or options, by name')),
  ordering: v.optional(ordering, 'proved'),
  maxDials: v.optional(count, 256),
  maxRestarts: v.optional(wholeNumber(0, 1_000), 5),
  restartWindowMs: v.optional(ms, 60_000),
  broadcastDeadlineMs: v.optional(ms, 2_000),
  broadcastConnectTimeoutMs: v.optional(ms, 500),
  drainTimeoutMs: v.optional(msOrNone, 5_000),
  logger: v.optional(v.union([v.literal(false), logger], 'a pino logger, or false')),
  logContent: v.optional(flag, false),
  inspect: v.optional(v.union([aFunction<() => void>(), observer], 'an inspection observer')),
  transports: v.optional(
    recordOf({ takes: 'transports by scheme', value: withMethods<Transport>('an object with prepare()', 'prepare') }),
  ),
  clock: v.optional(withMethods<Clock>('a Clock', 'now', 'setTimeout', 'clearTimeout', 'setHold', 'afterIo')),
  random: v.optional(aFunction<() => number>()),
});
const poolOptions = optionsOf(poolSchema.entries, 'an object of options');

type Parts = 'logger' | 'inspect' | 'transports' | 'clock' | 'random';

/** A pool's own options, with defaults. */
export interface PoolSettings extends Required<Omit<PoolOptions, Parts | keyof Limits>>, Pick<PoolOptions, Parts> {
  readonly limits: Limits;
  /** The names of the options that were given. */
  readonly given: ReadonlySet<string>;
}

/** One CI's options, with defaults. A CI without limits of its own shares the pool's `limits` object. */
export interface CiSettings {
  readonly url: string;
  readonly tls: CiOptions['tls'];
  readonly headers: CiOptions['headers'];
  readonly apiKey: CiOptions['apiKey'];
  /** The CI's own; undefined if it sets none. */
  readonly traceContext: CiOptions['traceContext'];
  readonly limits: Limits;
  /** The CI's own; undefined if it sets none. */
  readonly ordering: CiOptions['ordering'];
  /** The names of the options that it was given itself. */
  readonly given: ReadonlySet<string>;
}

const MAX_NAME_LENGTH = 128;

/**
 * Checks a pool's options, and reports all faults at once.
 *
 * @throws ChoragusError `invalid_config` with each bad option, its value and what it accepts.
 */
export function readPoolOptions(options: PoolOptions): PoolSettings {
  const own = check(copied('an object of options'), options, { of: 'createPool' });
  const settings = check(poolOptions, own, { of: 'createPool' }) as unknown as Required<PoolOptions>;
  const chosen = Object.fromEntries(Object.keys(limits).map((name) => [name, settings[name as keyof Limits]]));
  const given = new Set(Object.keys(own).filter((name) => own[name] !== undefined));
  return { ...settings, cis: settings.cis ?? {}, limits: Object.freeze(chosen) as unknown as Limits, given };
}

const NONE: ReadonlySet<string> = new Set();

/**
 * Checks one CI's name and options, and adds the pool's limits.
 *
 * @param defaultsOf - Returns the pool's limits, which may depend on the URL.
 * @throws ChoragusError `invalid_config`
 */
export function readCiOptions(
  ci: string,
  options: string | CiOptions,
  defaultsOf: Limits | ((url: string) => Limits),
): CiSettings {
  checkName(ci);
  const one = typeof options === 'string' ? { url: options } : check(ciOptions, options, ofCi(ci));
  const { url, tls, headers, apiKey, ordering, traceContext, ...own } = one as CiOptions;
  const settings = { url, tls, headers, apiKey, ordering, traceContext };
  const defaults = typeof defaultsOf === 'function' ? defaultsOf(url) : defaultsOf;
  const given = Object.entries(own).filter(([, value]) => value !== undefined);
  if (given.length === 0) return { ...settings, limits: defaults, given: NONE };
  const limits = Object.freeze({ ...defaults, ...Object.fromEntries(given) });
  return { ...settings, limits, given: new Set(given.map(([name]) => name)) };
}

function ofCi(ci: string): Checked {
  return { of: `CI "${ci}"`, secrets: SECRETS };
}

function checkName(ci: unknown): void {
  // A name is a key of plain objects, a log field and a metrics label, so characters with a meaning there are refused.
  if (
    typeof ci === 'string' &&
    ci.length <= MAX_NAME_LENGTH &&
    /^[\w[][\w.:@%/[\]-]*$/.test(ci) &&
    !/__proto__|\/\//.test(ci)
  )
    return;
  throw invalidConfig(
    `the CI name is ${describeValue(ci)}: use letters, digits and _ . : @ % / [ ] -, with a letter, a digit, _ or [ at the beginning, and at most ${MAX_NAME_LENGTH} characters`,
  );
}

type LimitSchemas = typeof limits;

/** Returns the same checks without defaults: the pool's options fill them in. */
function optionalOf(schemas: LimitSchemas): {
  [K in keyof LimitSchemas]: v.OptionalSchema<v.GenericSchema, undefined>;
} {
  const entries = Object.entries(schemas).map(([name, schema]) => [
    name,
    v.optional(schema.wrapped as v.GenericSchema),
  ]);
  return Object.fromEntries(entries) as { [K in keyof LimitSchemas]: v.OptionalSchema<v.GenericSchema, undefined> };
}
