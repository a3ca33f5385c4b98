import net from 'node:net';
import tls from 'node:tls';
import type { Frame } from '../../src/contract/index.js';

/** A minimal client of the wire, for tests of servers: no library code lies between the test and the bytes. */
export class WireClient {
  readonly socket: net.Socket;
  /** Settles when the connection is closed, with the error's code if it had one. */
  readonly closed: Promise<string | undefined>;
  readonly #lines: string[] = [];
  #waiting: (() => void)[] = [];
  #rest = '';

  constructor(socket: net.Socket) {
    this.socket = socket;
    let code: string | undefined;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = error.code;
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        resolve(code);
        this.#wake();
      });
    });
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop() as string;
      this.#lines.push(...lines);
      this.#wake();
    });
  }

  send(...messages: (Frame | string)[]): void {
    const lines = messages.map((message) => (typeof message === 'string' ? message : JSON.stringify(message)));
    this.socket.write(lines.map((line) => `${line}\n`).join(''));
  }

  /** Resolves with the next frame. Rejects if the connection closes first. */
  async next(): Promise<Frame> {
    while (this.#lines.length === 0) {
      if (this.socket.destroyed) throw new Error('the connection is closed');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return JSON.parse(this.#lines.shift() as string) as Frame;
  }

  async take(count: number): Promise<Frame[]> {
    const frames: Frame[] = [];
    while (frames.length < count) frames.push(await this.next());
    return frames;
  }

  close(): Promise<string | undefined> {
    this.socket.destroy();
    return this.closed;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Connects to a server by its URL. */
export async function connectTo(url: string, options: tls.ConnectionOptions = {}): Promise<WireClient> {
  const socket = open(url, options);
  const client = new WireClient(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once(url.startsWith('tls:') ? 'secureConnect' : 'connect', resolve);
    socket.once('error', reject);
  });
  return client;
}

function open(url: string, options: tls.ConnectionOptions): net.Socket {
  if (url.startsWith('unix:')) return net.connect(url.slice('unix:'.length));
  const { hostname, port } = new URL(url);
  const where = { host: hostname.replace(/[[\]]/g, ''), port: Number(port) };
  return url.startsWith('tls:') ? tls.connect({ ...where, ...options }) : net.connect({ ...where, noDelay: true });
}
