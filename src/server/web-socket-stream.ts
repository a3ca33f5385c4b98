import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

const NEWLINE = Buffer.from('\n');
const OPEN = 1;

/**
 * A WebSocket as the stream of lines that a connection is served on: each message is a line, each line a message.
 *
 * @internal
 */
export class WebSocketStream extends Duplex {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;

  /** `socket` is the one beneath. */
  constructor(ws: WebSocket, socket: Duplex) {
    super({ decodeStrings: false });
    this.#ws = ws;
    this.#socket = socket;
    ws.on('message', (data: Buffer) => {
      if (!this.push(lineOf(data))) ws.pause();
    });
    ws.on('error', () => this.destroy());
    ws.on('close', () => {
      this.push(null);
      this.destroy();
    });
  }

  override _read(): void {
    this.#ws.resume();
  }

  override _write(lines: string, _encoding: string, done: (error?: Error | null) => void): void {
    const messages = lines.split('\n').filter((line) => line !== '');
    const last = messages.pop();
    // One who has left takes nothing in; that is told by 'close'.
    if (last === undefined || this.#ws.readyState !== OPEN) return done();
    // What came in one leaves in one.
    this.#socket.cork();
    for (const message of messages) this.#ws.send(message);
    this.#ws.send(last, () => done());
    this.#socket.uncork();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#ws.terminate();
    done(error);
  }
}

/** A message may be JSON with line ends between its tokens, and nowhere else: there they mean nothing. */
function lineOf(data: Buffer): Buffer {
  const line = data.includes(NEWLINE) ? Buffer.from(data.toString().replaceAll('\n', ' ')) : data;
  return Buffer.concat([line, NEWLINE]);
}
