import * as v from 'valibot';
import { expected, headers, isTimeMs, MAX_TIMER_MS } from '../../checks/index.js';
import type { Target } from '../../contract/index.js';
import { joinHeaders } from '../socket/request-headers.js';

/** How a server is seen to be there, at a dial: by a connect alone, or by a request for a path. */
export type Probe = 'connect' | 'path' | `/${string}`;

/** Options of a transport to model servers. */
export interface ModelServerOptions {
  /** Sent as `Authorization: Bearer …`; never logged, never shown. A CI's own `apiKey` goes before it, and so does an `authorization` among the headers. */
  readonly apiKey?: string | undefined;
  /** Headers of each request; never logged, never shown. A CI's own `apiKey` and `headers` go before these. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * How a dial sees that the server is there: `connect` opens a socket alone, `path` asks for the path that such servers have
   * (`/v1/models`, `/api/version`), a path of your own asks for that. 5xx means that it is not there, any other status that it is. The
   * heartbeat of an idle connection is a `HEAD` of the same path, or a connect. Default: `path` at a CI's first dial, `connect` at later ones.
   */
  readonly probe?: Probe | undefined;
  /**
   * How long an answer may be silent after its model has stopped, in ms, before that counts as its end: for servers that say no more, and
   * keep the connection open. Default: 1,000.
   */
  readonly finishGraceMs?: number | undefined;
}

/** Some hosts turn away who names no agent. */
const AGENT = { 'user-agent': 'choragus' };
const FINISH_GRACE_MS = 1_000;

const probe = expected<Probe>(
  '"connect", "path" or a path such as "/health"',
  (given) => typeof given === 'string' && /^(?:connect|path|\/[\x21-\x7e]*)$/.test(given),
);

/** The checks of {@link ModelServerOptions}, for the transports that have them. */
export const modelServerOptions = {
  apiKey: v.optional(v.message(v.pipe(v.string(), v.regex(/^[\x21-\x7e]*$/)), 'a text of visible ASCII characters')),
  headers: v.optional(headers),
  probe: v.optional(probe),
  finishGraceMs: v.optional(
    expected<number>(`a number of milliseconds above 0, at most ${MAX_TIMER_MS}`, isTimeMs),
    FINISH_GRACE_MS,
  ),
};
/** Those whose values no message shows. */
export const modelServerSecrets: readonly string[] = ['apiKey', 'headers'];

/** The options of a transport, checked. */
export type CheckedOptions = ModelServerOptions & { readonly finishGraceMs: number };

/** What a CI of a transport asks with: headers, how it is probed, and how patient it is. */
export interface Manners {
  readonly headers: Readonly<Record<string, string>>;
  readonly probe: Probe | undefined;
  readonly finishGraceMs: number;
}

/**
 * Joins a transport's options, which are checked already, and those of a CI.
 *
 * @param environmentKey - The key where neither names one.
 * @throws ChoragusError `invalid_config`; the message holds no secret.
 */
export function mannersOf(options: CheckedOptions, target: Target, environmentKey?: string): Manners {
  const { ci } = target;
  const { probe, finishGraceMs } = options;
  const sources = [AGENT, options.apiKey ?? environmentKey, options.headers, target.apiKey, target.headers];
  const headers = joinHeaders(ci, sources);
  return { headers, probe, finishGraceMs };
}
