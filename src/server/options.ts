import type { Observable } from 'rxjs';
import * as v from 'valibot';
import { aFunction, check, optionsOf, wholeNumber } from '../checks/index.js';
import type { CiRequest } from './ci-request.js';
import { type ListenOptions, listenForClientsOptions } from './listen-options.js';

/** What answers: the whole text, a promise of it, or its pieces as they come (joined where the client wants no stream). */
export type CiHandler = (request: CiRequest) => string | Promise<string> | Observable<string> | AsyncIterable<string>;

/**
 * How a CI correlates: `echoing` puts `request_id` on every frame and answers when done, in any order, and what comes without an id one after
 * the other; `fifo` puts it on no reply and handles all of a connection's lines one after the other.
 */
export type Correlation = 'byId' | 'ordered';

/** How a CI streams: `frames` (`stream_start` … `stream_end`), `legacy` (`chunk`, `complete`), `none` (one whole reply). */
export type Streaming = 'frames' | 'legacy' | 'none';

/** Options of `serveCi`. */
export interface ServeCiOptions {
  /** The CI's name, its `ai_id` on the wire. */
  readonly id: string;
  /** What answers. What it throws ends the request with an error frame that holds its message: the client reads it. */
  readonly handler: CiHandler;
  /** Default: a free port of 127.0.0.1. */
  readonly listen?: ListenOptions | undefined;
  /** Default: `echoing`. */
  readonly correlation?: Correlation | undefined;
  /** Default: `frames`. */
  readonly streaming?: Streaming | undefined;
  /** The component that it speaks for, as `health` and `info` tell it. Default: the id. */
  readonly component?: string | undefined;
  /** Default: empty. */
  readonly description?: string | undefined;
  /** `provider:name`. Default: `function:handler`. */
  readonly model?: string | undefined;
  /** Default: empty. */
  readonly systemPrompt?: string | undefined;
  /** A longer request line resets its connection, in bytes. Default: 65,536. */
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

const text = v.string('a text');
const schema = optionsOf({
  id: v.message(v.pipe(v.string(), v.minLength(1)), 'a text that is not empty'),
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
