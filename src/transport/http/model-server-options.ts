import type { Target } from '../../contract/index.js';
import { joinHeaders } from '../socket/request-headers.js';
import { invalid } from './model-address.js';

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
const LONGEST_GRACE_MS = 2_147_483_647;

/** What a CI of a transport asks with: headers, how it is probed, and how patient it is. */
export interface Manners {
  readonly headers: Readonly<Record<string, string>>;
  readonly probe: Probe | undefined;
  readonly finishGraceMs: number;
}

/**
 * Joins a transport's options and those of a CI.
 *
 * @param environmentKey - The key where neither names one.
 * @throws ChoragusError `invalid_config`; the message holds no secret.
 */
export function mannersOf(options: ModelServerOptions, target: Target, environmentKey?: string): Manners {
  const { ci } = target;
  const { probe, finishGraceMs = FINISH_GRACE_MS } = options;
  if (probe !== undefined && !/^(?:connect|path|\/[\x21-\x7e]*)$/.test(probe)) {
    throw invalid(ci, `probe is ${JSON.stringify(probe)}, and takes "connect", "path" or a path such as "/health"`);
  }
  if (!(finishGraceMs > 0 && finishGraceMs <= LONGEST_GRACE_MS)) {
    throw invalid(ci, `finishGraceMs is ${finishGraceMs}, and takes a number of milliseconds above 0`);
  }
  const sources = [AGENT, options.apiKey ?? environmentKey, options.headers, target.apiKey, target.headers];
  const headers = joinHeaders(ci, sources);
  return { headers, probe, finishGraceMs };
}
