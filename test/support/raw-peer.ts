import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { certificates } from './certificates.js';
import { Lines } from './raw-lines.js';

/** A wire that carries plain lines. */
export type RawWire = 'tcp' | 'tls' | 'unix';

/**
 * A CI on a raw socket. No library code lies between the test and the bytes: lines are texts of one character a byte (`latin1`);
 * `raw()` converts a text to one.
 *
 * It answers the pool's own probes (a `ping`, `health` or `info` without any other field) itself, after the answers that
 * their connection still owes. `lines` does not contain them.
 */
export class RawCi implements AsyncDisposable {
  /** All connections so far. */
  readonly connections: RawConnection[] = [];
  /** All requests so far. */
  readonly lines: RawRequest[] = [];
  /** Everything it sent, without pongs. */
  readonly sent: string[] = [];
  url = '';
  open = 0;
  /** The highest number of connections open at once. */
  mostOpen = 0;
  /** Whether pongs carry the ping's id. */
  readonly echoes: boolean;
  readonly #server: net.Server;
  readonly #onRequest: (request: RawRequest) => void;
  readonly #onEnd: () => void;
  readonly #looks: (() => void)[] = [];
  /** All open connections, including those in the middle of a TLS handshake. */
  readonly #sockets = new Set<net.Socket>();
  #claimed = 0;

  private constructor(wire: RawWire, echoes: boolean, onRequest: (request: RawRequest) => void, onEnd: () => void) {
    this.echoes = echoes;
    this.#onRequest = onRequest;
    this.#onEnd = onEnd;
    const how = { allowHalfOpen: true, noDelay: true };
    this.#server = wire === 'tls' ? tls.createServer({ ...certificates.server, ...how }) : net.createServer(how);
    this.#server.on(wire === 'tls' ? 'secureConnection' : 'connection', (socket) => this.#accept(socket));
    this.#server.on('tlsClientError', () => {});
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Listens. `onRequest` answers; without it, the test answers. */
  static async listen(
    onRequest: (request: RawRequest) => void = () => {},
    { wire = 'tcp', echoes = false }: { readonly wire?: RawWire; readonly echoes?: boolean } = {},
  ): Promise<RawCi> {
    const folder = wire === 'unix' ? mkdtempSync(join(tmpdir(), 'raw-')) : undefined;
    const onEnd = () => folder !== undefined && rmSync(folder, { recursive: true, force: true });
    const ci = new RawCi(wire, echoes, onRequest, onEnd);
    ci.url = folder === undefined ? `${wire}://127.0.0.1:0` : `unix:${join(folder, 'ci.sock')}`;
    await ci.comeBack();
    if (folder === undefined) ci.url = `${wire}://127.0.0.1:${(ci.#server.address() as AddressInfo).port}`;
    return ci;
  }

  /** Listens again at the same address. */
  async comeBack(): Promise<void> {
    const [, path] = /^unix:(.*)/.exec(this.url) ?? [];
    this.#server.listen(path === undefined ? { host: '127.0.0.1', port: Number(new URL(this.url).port) } : { path });
    await once(this.#server, 'listening');
  }

  /** Stops listening, and drops all connections. */
  async leave(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Resolves with the next request that no earlier call received. */
  async next(): Promise<RawRequest> {
    const index = this.#claimed;
    this.#claimed += 1;
    return (await this.requests(index + 1))[index] as RawRequest;
  }

  /** Resolves with all requests, once there are `count`. */
  async requests(count: number): Promise<readonly RawRequest[]> {
    while (this.lines.length < count) await new Promise<void>((resolve) => this.#looks.push(resolve));
    return this.lines;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
    this.#onEnd();
  }

  /** @internal */
  took(request: RawRequest): void {
    this.lines.push(request);
    for (const look of this.#looks.splice(0)) look();
    this.#onRequest(request);
  }

  #accept(socket: net.Socket): void {
    this.connections.push(new RawConnection(socket, this));
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    socket.once('close', () => {
      this.open -= 1;
    });
  }
}

/** Whether a line is the pool's own question: a heartbeat, or a probe of the order of answers. */
const probe = /^\{"type":"(ping|health|info)"(?:,"request_id":("[^"]*"))?\}$/;

/** One connection to a {@link RawCi}. */
export class RawConnection {
  readonly socket: net.Socket;
  readonly #ci: RawCi;
  /** The answers owed, in the order of the lines: requests, and the pongs between them. */
  readonly #owed: (RawRequest | string)[] = [];

  constructor(socket: net.Socket, ci: RawCi) {
    this.socket = socket;
    this.#ci = ci;
    socket.on('error', () => {});
    // A pool that ends its side is done with the connection.
    socket.once('end', () => socket.end());
    const lines = new Lines((line) => this.#take(line));
    socket.on('data', (bytes) => lines.push(bytes));
  }

  /** Sends bytes unchanged. */
  send(raw: string): void {
    this.#ci.sent.push(raw);
    if (this.socket.writable) this.socket.write(Buffer.from(raw, 'latin1'));
  }

  /** Ends with a FIN, after the pending bytes. */
  close(): void {
    this.socket.end();
  }

  /** Ends with an RST. */
  reset(): void {
    if (this.socket instanceof tls.TLSSocket || this.socket.remoteFamily === undefined) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  /** @internal */
  settle(request: RawRequest): void {
    const index = this.#owed.indexOf(request);
    if (index !== -1) this.#owed.splice(index, 1);
    while (typeof this.#owed[0] === 'string') this.#pong(this.#owed.shift() as string);
  }

  #take(line: string): void {
    const isProbe = probe.test(line);
    if (isProbe && (this.#ci.echoes || this.#owed.length === 0)) return this.#pong(line);
    const owed = isProbe ? line : new RawRequest(line, this);
    this.#owed.push(owed);
    if (owed instanceof RawRequest) this.#ci.took(owed);
  }

  #pong(line: string): void {
    const [, type, id] = probe.exec(line) as unknown as [string, string, string | undefined];
    const answer = type === 'ping' ? 'pong' : `${type}_response`;
    const echo = this.#ci.echoes && id !== undefined ? `,"request_id":${id}` : '';
    if (this.socket.writable) this.socket.write(`{"type":"${answer}","ai_id":"raw"${echo}}\n`);
  }
}

/** One request line that reached a {@link RawCi}. */
export class RawRequest {
  /**
   * The line as received, without its `
   * `.
   */
  readonly line: string;
  readonly connection: RawConnection;

  constructor(line: string, connection: RawConnection) {
    this.line = line;
    this.connection = connection;
  }

  /** Sends its answer; with `more`, a part of it. */
  reply(raw: string, end: 'more' | 'last' = 'last'): void {
    this.connection.send(raw);
    if (end === 'last') this.connection.settle(this);
  }
}
