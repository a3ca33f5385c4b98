import { once } from 'node:events';
import net from 'node:net';
import { afterEach } from 'vitest';
import {
  createPool,
  type Pool,
  type PoolOptions,
  type ProxyOptions,
  type ProxyServer,
  serveProxy,
} from '../../../src/index.js';

/** A typical client: a socket, and lines. */
export class LineClient {
  readonly socket: net.Socket;
  readonly lines: string[] = [];
  readonly closed: Promise<unknown>;
  #rest = '';
  #look: (() => void)[] = [];

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.setEncoding('utf8');
    // A reset is an end, too.
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop() as string;
      this.lines.push(...lines);
      for (const look of this.#look.splice(0)) look();
    });
  }

  send(...messages: readonly object[]): void {
    this.socket.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  }

  /** Resolves with the first `count` frames. */
  async got(count: number): Promise<Record<string, unknown>[]> {
    while (this.lines.length < count) await new Promise<void>((resolve) => this.#look.push(resolve));
    return this.lines.slice(0, count).map((line) => JSON.parse(line));
  }
}

/** Proxies and their clients; all are closed after a test. */
export function useProxy() {
  const closing: (() => Promise<unknown> | unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  const pooled = (options: PoolOptions): Pool => {
    const pool = createPool({ logger: false, ...options });
    closing.push(() => pool.close({ drainTimeoutMs: 0 }));
    return pool;
  };
  const proxied = async (pool: Pool, options: Partial<ProxyOptions> = {}): Promise<ProxyServer> => {
    const listen = Object.fromEntries(pool.cis.map((ci) => [ci, 0]));
    const proxy = await serveProxy(pool, { listen, ...options });
    closing.push(() => proxy.close({ drainTimeoutMs: 0 }));
    return proxy;
  };
  const client = async (proxy: ProxyServer, ci = 'apollo'): Promise<LineClient> => {
    const socket = net.connect(Number(new URL(proxy.urls[ci] as string).port), '127.0.0.1');
    await once(socket, 'connect');
    closing.push(() => socket.destroy());
    return new LineClient(socket);
  };
  return { pooled, proxied, client, onEnd: (close: () => unknown) => void closing.push(close) };
}
