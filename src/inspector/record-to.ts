import * as v from 'valibot';
import type { Pool } from '../contract/index.js';
import { watchableOf } from '../observe/watchable.js';
import { invalidOptions } from './invalid-options.js';
import { PoolFeed } from './pool-feed.js';
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

const schema = v.strictObject({
  maxBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 67_108_864),
  maxFiles: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 5),
  onError: v.optional(v.custom<(error: Error) => void>((given) => typeof given === 'function')),
});

const takes = {
  maxBytes: 'a whole number from 1',
  maxFiles: 'a whole number from 1',
  onError: 'a function',
};

/**
 * Records what the connections of a pool go through, as lines of JSON that the inspector's page opens. When a file is full it becomes
 * `path.1`, that one `path.2`, and so on, as does what an earlier recording has left; each begins with the whole state. No message
 * content is in it. Keeps no process alive.
 *
 * @throws ChoragusError `invalid_config` for a bad option. What the disk refuses is told to `onError`.
 *
 * @example
 * ```ts
 * const recorder = recordTo(pool, '/var/log/fleet.ndjson', { maxFiles: 3 });
 * ```
 */
export function recordTo(pool: Pool, path: string, options: RecorderOptions = {}): Recorder {
  const read = v.safeParse(schema, options);
  if (!read.success) throw invalidOptions('recordTo', takes, read.issues);
  const recording = new Recording(
    new PoolFeed(watchableOf(pool), { may: { actions: false }, requests: 'nothing' }),
    path,
    read.output,
  );
  const close = (): Promise<void> => recording.close();
  return { path, close, [Symbol.asyncDispose]: close };
}
