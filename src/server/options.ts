import type { Observable } from 'rxjs';
import * as v from 'valibot';
import { aFunction, check, optionsOf, wholeNumber } from '../checks/index.js';
import type { CiRequest } from './ci-request.js';
import { type ListenOptions, listenForClientsOptions } from './listen-options.js';

/**
 * Answers a request: returns the whole text, a promise of it, or its pieces as they come. Pieces are joined if the
 * client wants no stream.
 */
export type CiHandler = (request: CiRequest) => string | Promise<string> | Observable<string> | AsyncIterable<string>;

/**
 * Names how replies are matched to requests. `byId`: each reply carries its request's `request_id`, and requests are
 * answered side by side. `ordered`: no reply carries an id, and a connection's requests are answered one after the
 * other.
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
   * Answers the requests. An exception ends the request with an error frame that holds its message: the client reads
   * it.
   */
  readonly handler: CiHandler;
  /** Where to listen. Default: a free port of 127.0.0.1. */
  readonly listen?: ListenOptions | undefined;
  /** How replies are matched to requests. Default: `byId`. */
  readonly correlation?: Correlation | undefined;
  /** How streams are sent. Default: `frames`. */
  readonly streaming?: Streaming | undefined;
  /** The component's name in replies to `health` and `info`. Default: the id. */
  readonly component?: string | undefined;
  /** The description in replies to `info`. Default: empty. */
  readonly description?: string | undefined;
  /** The model's name in replies, as `provider:name`. Default: `function:handler`. */
  readonly model?: string | undefined;
  /** The system prompt in replies to `info`. Default: empty. */
  readonly systemPrompt?: string | undefined;
  /** Longest request line, in bytes; a longer one resets its connection. Default: 65,536. */
  readonly maxLineBytes?: number | undefined;
}

/**
 * The options with their defaults, and what is known only while serving.
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
  /** The port listened on; 0 for a unix socket. */
  port(): number;
  /** Connections open now. */
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
 * Checks the options of `serveCi`, and fills in the defaults.
 *
 * @throws ChoragusError `invalid_config`, naming each bad option, its value and what it takes.
 * @internal
 */
export function readServeCiOptions(options: ServeCiOptions): Omit<CiService, 'port' | 'clients'> & {
  readonly listen: ListenOptions;
} {
  const read = check(schema, options, { of: 'serveCi', secrets: ['tls', 'systemPrompt'] });
  return { ...read, component: read.component ?? read.id };
}
