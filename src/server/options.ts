import type { Observable } from 'rxjs';
import { ChoragusError } from '../errors/index.js';
import type { CiRequest } from './ci-request.js';
import type { ListenOptions } from './listen.js';

/** What answers: the whole text, a promise of it, or its pieces as they come (joined where the client wants no stream). */
export type CiHandler = (request: CiRequest) => string | Promise<string> | Observable<string> | AsyncIterable<string>;

/**
 * How a CI correlates: `echoing` puts `request_id` on every frame and answers when done, in any order, and what comes without an id one after
 * the other; `fifo` puts it on no reply and handles all of a connection's lines one after the other.
 */
export type Manner = 'echoing' | 'fifo';

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
  readonly manner?: Manner | undefined;
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
  readonly manner: Manner;
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

/**
 * Fills in the defaults.
 *
 * @throws ChoragusError `invalid_config`, naming the option and what it takes.
 * @internal
 */
export function ciService(options: ServeCiOptions, live: Pick<CiService, 'port' | 'clients'>): CiService {
  const { id, handler, manner = 'echoing', streaming = 'frames', maxLineBytes = 65_536 } = options;
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(`${unknown} is not an option`);
  if (typeof id !== 'string' || id === '') throw invalid('id must be a text that is not empty');
  if (typeof handler !== 'function') throw invalid('handler must be a function');
  if (!['echoing', 'fifo'].includes(manner)) throw invalid('manner must be "echoing" or "fifo"');
  if (!['frames', 'legacy', 'none'].includes(streaming))
    throw invalid('streaming must be "frames", "legacy" or "none"');
  if (!Number.isInteger(maxLineBytes) || maxLineBytes < 1) throw invalid('maxLineBytes must be a whole number from 1');
  const { component = id, description = '', model = 'function:handler', systemPrompt = '' } = options;
  return { id, handler, manner, streaming, maxLineBytes, component, description, model, systemPrompt, ...live };
}

const known = [
  'id',
  'handler',
  'listen',
  'manner',
  'streaming',
  'component',
  'description',
  'model',
  'systemPrompt',
  'maxLineBytes',
];

function invalid(message: string): ChoragusError {
  return new ChoragusError('invalid_config', message, { delivery: 'not_sent' });
}
