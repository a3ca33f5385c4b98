import * as v from 'valibot';
import {
  check,
  copied,
  isPlainObject,
  listOf,
  milliseconds,
  optionsOf,
  wholeNumber,
  withMethods,
} from '../checks/index.js';
import type { Logger } from '../contract/index.js';
import { wrongArgument } from '../errors/index.js';
import type { Dialect } from './dialect.js';
import { defaultDialects } from './dialects.js';
import type { CallSettings, Key, KeyRights } from './settings.js';

/** Configures {@link gatewayHandler}. */
export interface GatewayHandlerOptions {
  /**
   * The keys: a client sends one as `Authorization: Bearer …`. By the secret, what its holder may do. Default: none;
   * anyone who can connect may ask all CIs.
   */
  readonly keys?: Readonly<Record<string, KeyRights>> | undefined;
  /**
   * The model name that asks all CIs at once: the answer has a section for each. A CI of the same name comes first.
   * False for none. Default: `team`.
   */
  readonly team?: string | false | undefined;
  /** How long each CI has for its part of a team's answer, in ms. Default: 60,000. */
  readonly teamDeadlineMs?: number | undefined;
  /**
   * If true, a request that a CI may have seen fails with 502, 504, 503 or 429, as at other gateways. Many clients then
   * send it again. Default: false; it fails with 400.
   */
  readonly honestStatus?: boolean | undefined;
  /** The origins of web pages that may use the gateway, such as `https://chat.example`, or `*`. Default: none. */
  readonly cors?: readonly string[] | undefined;
  /** Largest body of a request, in bytes. Default: 32 MiB (33,554,432). */
  readonly maxBodyBytes?: number | undefined;
  /**
   * Largest part of a streamed answer that its client has not read, in bytes. One that reads more slowly gets an error
   * in the stream, and its request is cancelled. Default: 1 MiB (1,048,576).
   */
  readonly maxUnreadBytes?: number | undefined;
  /** Requests under way at once, of all clients; one more gets status 503. Default: 10,000. */
  readonly maxInFlight?: number | undefined;
  /** Silence of a stream after which the gateway sends a comment, so that no proxy closes it, in ms. Default: 15,000. */
  readonly heartbeatMs?: number | undefined;
  /** The protocols that it speaks. Default: OpenAI's. */
  readonly dialects?: readonly Dialect[] | undefined;
  /** Logs each request that fails, without content. Default: false, none. */
  readonly logger?: Logger | false | undefined;
}

/** Configures {@link serveGateway}. */
export interface GatewayOptions extends GatewayHandlerOptions {
  /** The port, 0 to 65,535. Default: 0, a free port. */
  readonly port?: number | undefined;
  /** The address to listen on. One that other machines can reach needs `keys`. Default: `127.0.0.1`. */
  readonly host?: string | undefined;
  /**
   * Names of this server that clients may use besides `localhost`, IP addresses and `host`. It matters without keys: a
   * page of the internet can make its own name resolve to 127.0.0.1. Default: none.
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Longest time to send the head of a request, in ms. Default: 10,000. */
  readonly headTimeoutMs?: number | undefined;
  /** Longest time to send a request with its body, in ms. Default: 60,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Connections at once. Default: 20,000. */
  readonly maxConnections?: number | undefined;
}

const limit = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const flag = v.boolean('true or false');
const name = v.message(v.pipe(v.string(), v.minLength(1)), 'a string that is not empty');
const secret = v.message(v.pipe(v.string(), v.regex(/^[\x21-\x7e]{16,}$/)), 'at least 16 visible ASCII characters');
const origin = v.message(v.pipe(v.string(), v.regex(/^(?:\*|[a-z][a-z\d+.-]*:\/\/[^\s/]+)$/i)), 'an origin, or *');

const right = {
  secret,
  cis: v.optional(listOf(name, 'a list of names of CIs')),
  priority: v.optional(v.picklist(['high', 'normal', 'low'], 'high, normal or low'), 'normal'),
  maxInFlight: v.optional(limit),
  requestsPerMinute: v.optional(limit),
};
const keySchema = optionsOf(right, 'rights of a key');

const handlerOptions = {
  keys: v.optional(copied('rights by key')),
  team: v.optional(v.union([v.literal(false), name], 'a name, or false'), 'team'),
  teamDeadlineMs: v.optional(milliseconds(1), 60_000),
  honestStatus: v.optional(flag, false),
  cors: v.optional(listOf(origin, 'a list of origins'), []),
  maxBodyBytes: v.optional(limit, 33_554_432),
  maxUnreadBytes: v.optional(limit, 1_048_576),
  maxInFlight: v.optional(limit, 10_000),
  heartbeatMs: v.optional(milliseconds(1), 15_000),
  dialects: v.optional(
    listOf(withMethods<Dialect>('a dialect of choragus/gateway', 'routes', 'failure'), 'a list of dialects'),
    () => [...defaultDialects],
  ),
  logger: v.optional(
    v.union(
      [v.literal(false), withMethods<Logger>('a logger', 'info', 'warn', 'error', 'debug')],
      'a logger, or false',
    ),
    false,
  ),
};

const serverOptions = {
  port: v.optional(wholeNumber(0, 65_535), 0),
  host: v.optional(name, '127.0.0.1'),
  allowedHosts: v.optional(listOf(name, 'a list of host names'), []),
  headTimeoutMs: v.optional(milliseconds(1), 10_000),
  requestTimeoutMs: v.optional(milliseconds(1), 60_000),
  maxConnections: v.optional(limit, 20_000),
};

const handlerSchema = optionsOf(handlerOptions);
const gatewaySchema = optionsOf({ ...handlerOptions, ...serverOptions });

type WithKeys<S extends { keys?: unknown }> = Omit<S, 'keys'> & { readonly keys: readonly Key[] | undefined };
/** The options of a handler, with their defaults. */
export type HandlerSettings = CallSettings & WithKeys<v.InferOutput<typeof handlerSchema>>;
/** The options of a server, with their defaults. */
export type GatewaySettings = WithKeys<v.InferOutput<typeof gatewaySchema>>;

/** Checks the options of a handler. @throws ChoragusError `invalid_config` */
export function readHandlerOptions(options: GatewayHandlerOptions): HandlerSettings {
  const of = 'gatewayHandler';
  const settings = check(handlerSchema, options, { of, secrets: ['keys'] });
  return { ...settings, keys: readKeys(of, settings.keys) };
}

/** Checks the options of a server. @throws ChoragusError `invalid_config` */
export function readGatewayOptions(options: GatewayOptions): GatewaySettings {
  const of = 'serveGateway';
  const settings = check(gatewaySchema, options, { of, secrets: ['keys'] });
  if (settings.keys === undefined && !isLoopback(settings.host)) {
    const takes = 'a loopback address, or set the option "keys": other machines can reach this one';
    throw wrongArgument(of, 'host', settings.host, takes);
  }
  return { ...settings, keys: readKeys(of, settings.keys) };
}

/** Checks the keys. Messages name them by their place, because the names of the fields are the secrets. */
function readKeys(of: string, keys: Readonly<Record<string, unknown>> | undefined): readonly Key[] | undefined {
  if (keys === undefined) return undefined;
  return Object.entries(keys).map(([secret, rights], index) => {
    const argument = `keys[${index}]`;
    if (!isPlainObject(rights)) throw wrongArgument(of, argument, rights, 'the rights of a key: {} for all');
    return check(keySchema, { ...rights, secret }, { of, argument, secrets: ['secret'] });
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
