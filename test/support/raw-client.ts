import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { certificates } from './certificates.js';
import { Lines } from './raw-lines.js';

/** How the other end left. */
export type RawEnd = 'open' | 'fin' | 'reset';

/**
 * A client of one socket. It sends and shows bytes unchanged (one character a byte), and ends its side only on request.
 */
export class RawClient {
  readonly socket: net.Socket;
  /** Whole lines, without their `\n`. */
  readonly lines: string[] = [];
  /** How the other end left, so far. */
  end: RawEnd = 'open';
  /** Settles with everything received, once the other end has ended the connection. */
  readonly ended: Promise<string>;
  readonly #lines = new Lines((line) => this.lines.push(line));
  readonly #looks: (() => void)[] = [];

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.#lines.push(bytes);
      this.#look();
    });
    this.ended = new Promise((resolve) => {
      const over = (end: RawEnd) => {
        if (this.end === 'open') this.end = end;
        this.#look();
        resolve(this.text);
      };
      socket.once('end', () => over('fin'));
      socket.on('error', () => over('reset'));
      socket.once('close', () => over('reset'));
    });
  }

  /** Connects; rejects with Node's error if no server listens. */
  static async to(url: string): Promise<RawClient> {
    const socket = open(url);
    const client = new RawClient(socket);
    await once(socket, url.startsWith('tls:') ? 'secureConnect' : 'connect');
    return client;
  }

  /** Everything received so far. */
  get text(): string {
    return this.lines.map((line) => `${line}\n`).join('') + this.#lines.rest;
  }

  /** Sends bytes unchanged. */
  send(bytes: string): void {
    this.socket.write(Buffer.from(bytes, 'latin1'));
  }

  /** Ends this side (FIN, over TLS a close_notify): no more questions. */
  finish(bytes = ''): void {
    this.socket.end(Buffer.from(bytes, 'latin1'));
  }

  /** Resolves with the first `count` lines; with fewer if the other end closes before. */
  async got(count: number): Promise<readonly string[]> {
    while (this.lines.length < count && this.end === 'open')
      await new Promise<void>((resolve) => this.#looks.push(resolve));
    return this.lines.slice(0, count);
  }

  close(): void {
    this.socket.destroy();
  }

  #look(): void {
    for (const look of this.#looks.splice(0)) look();
  }
}

function open(url: string): net.Socket {
  if (url.startsWith('unix:')) return net.connect({ path: url.slice('unix:'.length), allowHalfOpen: true });
  const { hostname, port } = new URL(url);
  const where = { host: hostname, port: Number(port), allowHalfOpen: true };
  return url.startsWith('tls:')
    ? tls.connect({ ...where, ca: certificates.ca } as tls.ConnectionOptions)
    : net.connect({ ...where, noDelay: true });
}
