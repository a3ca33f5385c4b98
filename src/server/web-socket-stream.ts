import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

const NEWLINE = Buffer.from('\n');
const OPEN = 1;

/**
 * Reads and writes a WebSocket as a stream of lines: each message is a line.
 *
 * @internal
 */
export class WebSocketStream extends Duplex {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;

  /** @param socket - The TCP or TLS socket below the WebSocket. */
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
    // The client has left: 'close' follows.
    if (last === undefined || this.#ws.readyState !== OPEN) return done();
    // Sends all messages of one write in one packet.
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

/** Turns a message into a line. JSON may contain line ends only between its tokens: a space means the same. */
function lineOf(data: Buffer): Buffer {
  const line = data.includes(NEWLINE) ? Buffer.from(data.toString().replaceAll('\n', ' ')) : data;
  return Buffer.concat([line, NEWLINE]);
}
