import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Channel, Transport } from '../../../src/contract/index.js';
import type { Dialect } from '../../support/model-dialects.js';
import { textOf } from './conformance/samples.js';
import { Signal, type Speech, type Wire, type WirePeer } from './wire.js';
import type { WireUser } from './wire-user.js';

/** Chats that wait until the test answers them; all others are answered at once. */
const HELD = '(held)';
const HELD_CHAT = JSON.stringify({ type: 'chat', content: HELD, stream: true });

/** The far end of a link: a model that answers a held chat as the test says. Its sockets come and go. */
class HttpPeer implements WirePeer {
  readonly closed: Promise<void>;
  readonly lines: string[] = [];
  readonly #dialect: Dialect;
  readonly #signal = new Signal();
  readonly #sockets = new Set<Socket>();
  #socket: Socket | undefined;
  #held: http.ServerResponse | undefined;
  #answers = 0;
  #onClosed = (): void => {};

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
  }

  /** Whether its next chat may come over another socket. */
  get hasAnswered(): boolean {
    return this.#answers > 0 && this.#held === undefined;
  }

  /** The link has opened a socket. */
  opened(socket: Socket): void {
    this.#socket = socket;
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#onClosed();
    });
  }

  /** Receives a chat. */
  take(content: string, response: http.ServerResponse): void {
    if (content === HELD) this.#held = response;
    else {
      this.#answers += 1;
      this.lines.push(JSON.stringify({ type: 'chat', content }));
      response.end(this.#dialect.end);
    }
    this.#signal.notify();
  }

  async received(count: number): Promise<readonly string[]> {
    await this.#signal.until(() => this.lines.length >= count);
    return this.lines;
  }

  send(raw: string | Buffer): void {
    this.#held?.write(raw);
  }

  close(): void {
    // Its words leave at the end of the tick.
    setImmediate(() => this.#socket?.end());
  }

  fail(): void {
    this.#socket?.resetAndDestroy();
  }

  async hold(channel: Channel): Promise<void> {
    channel.send({ commit: () => HELD_CHAT });
    await this.#signal.until(() => this.#held !== undefined);
  }

  release(): void {
    this.#answers += 1;
    this.#held?.end(this.#dialect.end);
    this.#held = undefined;
  }

  /** Begins the answer to the held chat. */
  begin(): void {
    this.#held?.flushHeaders();
  }
}

/** An HTTP server of one dialect, and a transport that dials it. */
export class HttpWire implements Wire {
  readonly transport: Transport;
  readonly halves = 'unseen';
  readonly failing = 'request';
  readonly address: Wire['address'];
  readonly deserted: Wire['address'];
  readonly speech: Speech;
  readonly peers: HttpPeer[] = [];
  readonly #server: http.Server;
  readonly #dialect: Dialect;
  readonly #bySocket = new Map<Socket, HttpPeer>();
  readonly #signal = new Signal();

  static async open(transport: Transport, dialect: Dialect): Promise<HttpWire> {
    const server = http.createServer({ noDelay: true, keepAliveTimeout: 0 });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HttpWire(server, transport, dialect);
  }

  private constructor(server: http.Server, transport: Transport, dialect: Dialect) {
    this.#server = server;
    this.#dialect = dialect;
    this.transport = transport;
    this.address = { url: dialect.url((server.address() as AddressInfo).port) };
    this.deserted = { url: dialect.url(1) };
    this.speech = {
      json: (number) => dialect.said(textOf(number)),
      line: dialect.line,
      frame: (number) => ({ type: 'stream_chunk', content: textOf(number), chunk_index: number }),
    };
    server.on('connection', (socket) => this.#connected(socket));
    server.on('request', (request, response) => void this.#requested(request, response));
  }

  async peer(number: number): Promise<HttpPeer> {
    await this.#signal.until(() => this.peers.length > number);
    return this.peers[number] as HttpPeer;
  }

  /** Sends a request, so that the peer may answer. */
  async begin(user: WireUser & { readonly peer: WirePeer }): Promise<void> {
    const peer = user.peer as HttpPeer;
    await peer.hold(user.channel as Channel);
    peer.begin();
    await user.until(() => user.log.includes('alive'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The server would close idle sockets. This does not: if the transport left one open, this never ends, and the test fails.
    await this.#signal.until(() => this.#bySocket.size === 0);
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #connected(socket: Socket): void {
    const known = this.peers.find(({ hasAnswered }) => hasAnswered);
    const peer = known ?? new HttpPeer(this.#dialect);
    if (known === undefined) this.peers.push(peer);
    peer.opened(socket);
    this.#bySocket.set(socket, peer);
    socket.once('close', () => {
      this.#bySocket.delete(socket);
      this.#signal.notify();
    });
    this.#signal.notify();
  }

  async #requested(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (request.url === this.#dialect.probePath) return void response.end('{}');
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const { messages } = JSON.parse(String(Buffer.concat(pieces))) as { messages: { content: string }[] };
    this.#bySocket.get(request.socket)?.take(messages.at(-1)?.content ?? '', response);
  }
}
