import type { WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Feed } from '../feed/feed.js';
import type { Recorded } from '../feed/records.js';
import { type Encode, Watcher } from '../feed/watcher.js';
import { makeRoom, openNew } from './recording-files.js';

const BATCH_MS = 100;

/** Limits the files of a recording. */
export interface RecordingOptions {
  readonly maxBytes: number;
  readonly maxFiles: number;
  readonly onError?: ((error: Error) => void) | undefined;
  /** Called once, when it takes no more records. */
  readonly onEnd: () => void;
}

const encode: Encode = (records) => records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** Writes a feed to one file after the other. Each file starts with the whole state. */
export class Recording {
  readonly #feed: Feed;
  readonly #path: string;
  readonly #options: RecordingOptions;
  readonly #leave: () => void;
  #file: WriteStream | undefined;
  #watcher: Watcher | undefined;
  /** Settles when the previous file is written. */
  #ending: Promise<void> | undefined;
  #batch: Recorded[] = [];
  #timer: NodeJS.Timeout | undefined;
  #state: 'recording' | 'closed' | 'failed' = 'recording';

  constructor(feed: Feed, path: string, options: RecordingOptions) {
    this.#feed = feed;
    this.#path = path;
    this.#options = options;
    this.#leave = feed.subscribe((record) => this.#collect(record));
    this.#begin();
  }

  /** Settles when all records are written, also the rest of the whole state. */
  async close(): Promise<void> {
    if (this.#state === 'recording') {
      this.#tell();
      this.#release('closed');
      this.#watcher?.finish();
    }
    await Promise.all([this.#ending, endOf(this.#file)]);
  }

  #collect(record: Recorded): void {
    this.#batch.push(record);
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS).unref();
  }

  #flush(): void {
    this.#tell();
    const file = this.#file;
    if (file === undefined || file.bytesWritten + file.writableLength <= this.#options.maxBytes) return;
    // A file without the whole state is useless. On a slow disk, two files at a time limit the memory.
    if (this.#ending === undefined && this.#watcher?.isCurrent) this.#rotate(file);
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0) this.#watcher?.send(encode(batch), batch.length);
  }

  #rotate(full: WriteStream): void {
    this.#watcher?.end();
    this.#ending = endOf(full).then(() => {
      this.#ending = undefined;
    });
    this.#begin();
  }

  #begin(): void {
    try {
      makeRoom(this.#path, this.#options.maxFiles);
    } catch (error) {
      // Reported only after the caller has received the recorder.
      queueMicrotask(() => this.#fail(error as Error));
      return;
    }
    this.#file = openNew(this.#path);
    this.#file.on('error', (error) => this.#fail(error));
    this.#watcher = new Watcher(this.#file, this.#feed, encode, () => this.#tell());
    this.#watcher.begin(this.#feed.hello());
  }

  #fail(error: Error): void {
    // Also after `close`, which would wait for records that cannot be written.
    this.#watcher?.end();
    if (this.#state === 'failed') return;
    this.#release('failed');
    this.#options.onError?.(error);
  }

  #release(state: 'closed' | 'failed'): void {
    this.#state = state;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#batch = [];
    this.#leave();
    this.#options.onEnd();
  }
}

/** Settles when a file is completely written, or has failed. */
async function endOf(file: WriteStream | undefined): Promise<void> {
  if (file !== undefined) await finished(file).catch(() => {});
}
