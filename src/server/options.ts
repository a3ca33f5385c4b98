import type { Observable } from 'rxjs';
import * as v from 'valibot';
import { aFunction, check, optionsOf, wholeNumber } from '../checks/index.js';
import type { CiRequest } from './ci-request.js';
import { type ListenOptions, listenForClientsOptions } from './listen-options.js';

/**
 * Answers a request. Returns the whole text, a promise of it, or its pieces as they arrive. The server joins the pieces
 * if the client did not ask for a stream.
 */
export type CiHandler = (request: CiRequest) => string | Promise<string> | Observable<string> | AsyncIterable<string>;

/**
 * Names how clients match replies to requests. `byId`: each reply carries the `request_id` of its request, and the
 * server answers requests concurrently. `ordered`: no reply carries an id, and the server answers the requests of a
 * connection one after the other.
 */
export type Correlation = 'byId' | 'ordered';

/**
 * Names how a CI streams: `frames` (`stream_start` … `stream_end`), `legacy` (`chunk`, `complete`) or `none` (one whole
 * reply).
 */
export type Streaming = 'frames' | 'legacy' | 'none';

/** Configures {@link serveCi}. */
export interface ServeCiOptions {
  /** The CI's name, its `ai_id` on the wire. */
  readonly id: string;
  /**
   * Answers the requests. An exception ends the request with an error frame. The frame contains the exception's
   * message, so the client can read it.
   */
  readonly handler: CiHandler;
  /** Where to listen. Default: a free port of 127.0.0.1. */
  readonly listen?: ListenOptions | undefined;
  /** How clients match replies to requests. Default: `byId`. */
  readonly correlation?: Correlation | undefined;
  /** How the CI sends streams. Default: `frames`. */
  readonly streaming?: Streaming | undefined;
  /** The component's name in replies to `health` and `info`. Default: the id. */
  readonly component?: string | undefined;
  /** The description in replies to `info`. Default: empty. */
  readonly description?: string | undefined;
  /** The model's name in replies, as `provider:name`. Default: `function:handler`. */
  readonly model?: string | undefined;
  /** The system prompt in replies to `info`. Default: empty. */
  readonly systemPrompt?: string | undefined;
  /** Longest request line, in bytes. A longer line resets its connection. Default: 65,536. */
  readonly maxLineBytes?: number | undefined;
}

/**
 * The options with their defaults, and the values that exist only while the CI listens.
 *
 * @internal
 */
export interface CiService extends Required<Omit<ServeCiOptions, 'listen'>> {
  readonly correlation: Correlation;
  readonly streaming: Streaming;
  readonly component: string;
  readonly description: string;
  readonly model: string;
  readonly systemPrompt: string;
  readonly maxLineBytes: number;
  /** Returns the port listened on; 0 for a unix socket. */
  port(): number;
  /** Returns the number of open connections. */
  clients(): number;
}

const text = v.string('a string');
const schema = optionsOf({
  id: v.message(v.pipe(v.string(), v.minLength(1)), 'a string that is not empty'),
  handler: aFunction<CiHandler>(),
  listen: v.optional(listenForClientsOptions, {}),
  correlation: v.optional(v.picklist(['byId', 'ordered'], 'byId or ordered'), 'byId'),
  streaming: v.optional(v.picklist(['frames', 'legacy', 'none'], 'frames, legacy or none'), 'frames'),
  component: v.optional(text),
  description: v.optional(text, ''),
  model: v.optional(text, 'function:handler'),
  systemPrompt: v.optional(text, ''),
  maxLineBytes: v.optional(wholeNumber(1, Number.MAX_SAFE_INTEGER), 65_536),
});

/**
 * Checks the options of `serveCi`, and adds the defaults.
 *
 * @throws ChoragusError `invalid_config`, naming each bad option, its value and what is accepted.
 * @internal
 */
export function readServeCiOptions(options: ServeCiOptions): Omit<CiService, 'port' | 'clients'> & {
  readonly listen: ListenOptions;
} {
  const read = check(schema, options, { of: 'serveCi', secrets: ['tls', 'systemPrompt'] });
  return { ...read, component: read.component ?? read.id };
}
