import { createWriteStream, existsSync, renameSync, rmSync, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Pool } from '../contract/index.js';
import { watchableOf } from '../observe/watchable.js';
import { PoolFeed } from './pool-feed.js';
import type { Recorded } from './records.js';
import { type Encode, Watcher } from './watcher.js';

const BATCH_MS = 100;

/** Options of {@link recordTo}. */
export interface RecorderOptions {
  /** Bytes after which a new file is begun; one batch of records may go beyond. Default: 64 MiB. */
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

/**
 * Records what the connections of a pool go through, as lines of JSON that the inspector's page opens. When a file is full it becomes
 * `path.1`, that one `path.2`, and so on; each begins with the whole state. No message content is in it. Keeps no process alive.
 *
 * @example
 * ```ts
 * const recorder = recordTo(pool, '/var/log/fleet.ndjson', { maxFiles: 3 });
 * ```
 */
export function recordTo(pool: Pool, path: string, options: RecorderOptions = {}): Recorder {
  const recording = new Recording(new PoolFeed(watchableOf(pool), { actions: false }), path, options);
  const close = (): Promise<void> => recording.close();
  return { path, close, [Symbol.asyncDispose]: close };
}

const encode: Encode = (records) => records.map((record) => `${JSON.stringify(record)}\n`).join('');

class Recording {
  readonly #feed: PoolFeed;
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #maxFiles: number;
  readonly #onError: ((error: Error) => void) | undefined;
  readonly #leave: () => void;
  #file: WriteStream;
  #watcher: Watcher;
  #batch: Recorded[] = [];
  #timer: NodeJS.Timeout | undefined;
  #state: 'recording' | 'over' = 'recording';

  constructor(feed: PoolFeed, path: string, { maxBytes = 67_108_864, maxFiles = 5, onError }: RecorderOptions) {
    this.#feed = feed;
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#maxFiles = maxFiles;
    this.#onError = onError;
    this.#file = this.#open();
    this.#watcher = this.#begin();
    this.#leave = feed.subscribe((record) => this.#collect(record));
  }

  async close(): Promise<void> {
    if (this.#state === 'recording') {
      this.#flush();
      this.#end();
    }
    await finished(this.#file).catch(() => {});
  }

  #collect(record: Recorded): void {
    this.#batch.push(record);
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0) this.#watcher.send(encode(batch), batch.length);
    if (this.#file.bytesWritten + this.#file.writableLength > this.#maxBytes) this.#rotate();
  }

  #rotate(): void {
    this.#watcher.end();
    try {
      rmSync(`${this.#path}.${this.#maxFiles - 1}`, { force: true });
      for (let age = this.#maxFiles - 2; age >= 0; age -= 1) {
        const from = age === 0 ? this.#path : `${this.#path}.${age}`;
        if (existsSync(from)) renameSync(from, `${this.#path}.${age + 1}`);
      }
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    this.#file = this.#open();
    this.#watcher = this.#begin();
  }

  /** States are nobody's business but the owner's. */
  #open(): WriteStream {
    const file = createWriteStream(this.#path, { mode: 0o600 });
    file.on('error', (error) => this.#fail(error));
    return file;
  }

  #begin(): Watcher {
    const watcher = new Watcher(this.#file, this.#feed, encode);
    watcher.begin(this.#feed.hello());
    return watcher;
  }

  #fail(error: Error): void {
    if (this.#state === 'over') return;
    this.#end();
    this.#onError?.(error);
  }

  #end(): void {
    this.#state = 'over';
    clearTimeout(this.#timer);
    this.#batch = [];
    this.#leave();
    this.#watcher.end();
  }
}
