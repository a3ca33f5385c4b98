import type { Duplex } from 'node:stream';
import type { Frame } from '../contract/index.js';

/**
 * Writes frames to a socket. Joins all frames of one tick into one `write`.
 *
 * @internal
 */
export class SocketWriter {
  readonly #socket: Duplex;
  readonly #onWritableChange: () => void;
  #batch = '';
  #isScheduled = false;
  #isWritable = true;
  #waiting: (() => void)[] = [];
  readonly #flushLater = (): void => {
    this.#isScheduled = false;
    this.flush();
  };

  constructor(socket: Duplex, onWritableChange: () => void) {
    this.#socket = socket;
    this.#onWritableChange = onWritableChange;
    socket.on('drain', () => this.#change(true));
    socket.once('close', () => this.#change(true));
  }

  /** False while the client does not read. */
  get isWritable(): boolean {
    return this.#isWritable;
  }

  write(frame: Frame): void {
    this.writeLine(JSON.stringify(frame));
  }

  /** Writes a line unchanged. */
  writeLine(line: string): void {
    this.#batch += `${line}\n`;
    // A source that awaits only settled promises would never end the tick, and the batch would grow without end.
    if (this.#batch.length >= this.#socket.writableHighWaterMark) this.flush();
    else if (!this.#isScheduled) {
      this.#isScheduled = true;
      process.nextTick(this.#flushLater);
    }
  }

  flush(): void {
    const batch = this.#batch;
    this.#batch = '';
    if (batch === '' || !this.#socket.writable) return;
    if (!this.#socket.write(batch) && this.#isWritable) this.#change(false);
  }

  /**
   * Settles when the client reads again, or has left. Also waits for one turn of the event loop, so that a source that is faster than its
   * client leaves time to others.
   */
  async whenWritable(): Promise<void> {
    if (!this.#isWritable) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Writes the batch, then ends our side. The socket closes once the client has ended its side, too. */
  end(): void {
    this.flush();
    this.#socket.end();
  }

  #change(isWritable: boolean): void {
    this.#isWritable = isWritable;
    if (isWritable) {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const resolve of waiting) resolve();
    }
    this.#onWritableChange();
  }
}
