import * as v from 'valibot';
import { aFunction, check, optionsOf } from '../../checks/index.js';
import type { Pool } from '../../contract/index.js';
import { wrongArgument } from '../../errors/index.js';
import { watchableOf } from '../../observe/watchable.js';
import { PoolFeed } from '../feed/pool-feed.js';
import { Recording } from './recording.js';

/** Configures {@link recordTo}. */
export interface RecorderOptions {
  /**
   * File size at which a new file is started, in bytes. Each file contains at least the whole state and one batch of
   * records. Default: 64 MiB.
   */
  readonly maxBytes?: number | undefined;
  /** Number of files to keep, including the current one. Default: 5. */
  readonly maxFiles?: number | undefined;
  /** Called once with the error that ended the recording, for example a full disk. The pool continues. Default: none. */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** Describes a running recording. */
export interface Recorder extends AsyncDisposable {
  /** The path of the current file. */
  readonly path: string;
  /** Ends the recording. Settles once all records are written. */
  close(): Promise<void>;
}

const fromOne = v.message(v.pipe(v.number(), v.integer(), v.minValue(1)), 'a whole number from 1');
const schema = optionsOf({
  maxBytes: v.optional(fromOne, 67_108_864),
  maxFiles: v.optional(fromOne, 5),
  onError: v.optional(aFunction<(error: Error) => void>()),
});

/**
 * Records the events of a pool's connections as lines of JSON, which the inspector's page can open. Renames a full file
 * to `path.1`, that one to `path.2`, and so on. Does the same with the files of an earlier recording. Each file starts
 * with the whole state. A recording contains no message content, and does not keep the process alive.
 *
 * @throws ChoragusError `invalid_config` for a bad option or path, or if `pool` is not a pool. Disk errors go to
 *   `onError`.
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
  feed.start();
  const recording = new Recording(feed, path, { ...read, onEnd: () => feed.close() });
  const close = (): Promise<void> => recording.close();
  return { path, close, [Symbol.asyncDispose]: close };
}
