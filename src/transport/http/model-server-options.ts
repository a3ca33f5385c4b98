import * as v from 'valibot';
import { expected, headers, isTimeMs, MAX_TIMER_MS } from '../../checks/index.js';
import type { Target } from '../../contract/index.js';
import { joinHeaders } from '../socket/request-headers.js';

/** Names how a dial checks that the server is up: by a connect alone, or by a request for a path. */
export type Probe = 'connect' | 'path' | `/${string}`;

/** Configures a transport to model servers. */
export interface ModelServerOptions {
  /**
   * Sent as `Authorization: Bearer …`; never logged or shown. A CI's own `apiKey`, or an `authorization` header, takes
   * precedence. Default: none.
   */
  readonly apiKey?: string | undefined;
  /**
   * Headers of each request; never logged or shown. A CI's own `apiKey` and `headers` take precedence. Default: none.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * How a dial checks that the server is up. `connect` only opens a socket; `path` requests the path that such servers
   * have (`/v1/models`, `/api/version`); a path of your own is requested instead. 5xx means down, any other status up.
   * The heartbeat of an idle connection is a `HEAD` of the same path, or a connect. Default: `path` at a CI's first
   * dial, `connect` at later ones.
   */
  readonly probe?: Probe | undefined;
  /**
   * How long an answer may be silent after its model has stopped before it counts as ended, in ms: for servers that
   * then send nothing and keep the connection open. Default: 1,000.
   */
  readonly finishGraceMs?: number | undefined;
}

/** Some hosts refuse requests without a user agent. */
const AGENT = { 'user-agent': 'choragus' };
const FINISH_GRACE_MS = 1_000;

const probe = expected<Probe>(
  '"connect", "path" or a path such as "/health"',
  (given) => typeof given === 'string' && /^(?:connect|path|\/[\x21-\x7e]*)$/.test(given),
);

/** The checks of {@link ModelServerOptions}, for the transports that have them. */
export const modelServerOptions = {
  apiKey: v.optional(v.message(v.pipe(v.string(), v.regex(/^[\x21-\x7e]*$/)), 'a string of visible ASCII characters')),
  headers: v.optional(headers),
  probe: v.optional(probe),
  finishGraceMs: v.optional(
    expected<number>(`a number of milliseconds above 0, at most ${MAX_TIMER_MS}`, isTimeMs),
    FINISH_GRACE_MS,
  ),
};
/** The options whose values no message shows. */
export const modelServerSecrets: readonly string[] = ['apiKey', 'headers'];

/** The options of a transport, checked. */
export type CheckedOptions = ModelServerOptions & { readonly finishGraceMs: number };

/** How a CI's requests are made: their headers, the probe, and the patience at the end of an answer. */
export interface Manners {
  readonly headers: Readonly<Record<string, string>>;
  readonly probe: Probe | undefined;
  readonly finishGraceMs: number;
}

/**
 * Merges a transport's checked options with those of a CI.
 *
 * @param environmentKey - The key to use if neither has one.
 * @throws ChoragusError `invalid_config`; the message holds no secret.
 */
export function mannersOf(options: CheckedOptions, target: Target, environmentKey?: string): Manners {
  const { ci } = target;
  const { probe, finishGraceMs } = options;
  const sources = [AGENT, options.apiKey ?? environmentKey, options.headers, target.apiKey, target.headers];
  const headers = joinHeaders(ci, sources);
  return { headers, probe, finishGraceMs };
}
