import * as v from 'valibot';
import { aFunction, check, optionsOf } from '../../checks/index.js';
import type { Pool } from '../../contract/index.js';
import { wrongArgument } from '../../errors/index.js';
import { watchableOf } from '../../observe/watchable.js';
import { PoolFeed } from '../feed/pool-feed.js';
import { Recording } from './recording.js';

/** Options of {@link recordTo}. */
export interface RecorderOptions {
  /** Bytes after which a new file is begun, once the state and a batch of records are in it. Default: 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** Files that are kept, the present one included. Default: 5. */
  readonly maxFiles?: number | undefined;
  /** Told once, of what ended the recording: a full disk, say. The pool goes on. */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** A recording under way. */
export interface Recorder extends AsyncDisposable {
  readonly path: string;
  /** Ends it; settles when all is written. */
  close(): Promise<void>;
}

const fromOne = v.message(v.pipe(v.number(), v.integer(), v.minValue(1)), 'a whole number from 1');
const schema = optionsOf({
  maxBytes: v.optional(fromOne, 67_108_864),
  maxFiles: v.optional(fromOne, 5),
  onError: v.optional(aFunction<(error: Error) => void>()),
});

/**
 * Records what the connections of a pool go through, as lines of JSON that the inspector's page opens. When a file is full it becomes
 * `path.1`, that one `path.2`, and so on, as does what an earlier recording has left; each begins with the whole state. No message
 * content is in it. Keeps no process alive.
 *
 * @throws ChoragusError `invalid_config` for a bad option or path, and for what is no pool. What the disk refuses is told to `onError`.
 *
 * @example
 * ```ts
 * const recorder = recordTo(pool, '/var/log/fleet.ndjson', { maxFiles: 3 });
 * ```
 */
export function recordTo(pool: Pool, path: string, options: RecorderOptions = {}): Recorder {
  const of = 'recordTo';
  const read = check(schema, options, { of });
  if (typeof path !== 'string' || path === '') throw wrongArgument(of, 'path', path, 'the path of a file');
  const feed = new PoolFeed(watchableOf(pool, of), { may: { actions: false }, requests: 'nothing' });
  const recording = new Recording(feed, path, read);
  const close = (): Promise<void> => recording.close();
  return { path, close, [Symbol.asyncDispose]: close };
}
