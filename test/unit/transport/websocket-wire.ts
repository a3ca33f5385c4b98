import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Channel, TlsOptions } from '../../../src/contract/index.js';
import { webSocketTransport } from '../../../src/transport/websocket/websocket-transport.js';
import { certificates } from '../../support/certificates.js';
import { Signal, type Wire, type WirePeer } from './wire.js';

/** More than the buffers of both sockets hold: Linux lets the sender's grow to 4 MiB, and the other one does not grow while nobody reads. */
const FLOOD_BYTES = 8 * 1_024 * 1_024;
const NEWLINE = 10;

/** The far end of a WebSocket. Each line of a test becomes one message; an unfinished line becomes the beginning of a message. */
export class WebSocketPeer implements WirePeer {
  readonly ws: WebSocket;
  readonly lines: string[] = [];
  /** Number of pings received. */
  pings = 0;
  readonly closed: Promise<void>;
  /** The close code of the client. */
  code: number | undefined;
  readonly #signal = new Signal();

  readonly #socket: Socket;

  constructor(ws: WebSocket, socket: Socket) {
    this.ws = ws;
    this.#socket = socket;
    this.closed = new Promise((resolve) =>
      ws.once('close', (code) => {
        this.code = code;
        resolve();
      }),
    );
    ws.on('error', () => {});
    ws.on('ping', () => {
      this.pings += 1;
    });
    ws.on('message', (data: Buffer) => {
      if (data[0] !== 'x'.charCodeAt(0)) this.lines.push(data.toString());
      this.#signal.notify();
    });
  }

  async received(count: number): Promise<readonly string[]> {
    await this.#signal.until(() => this.lines.length >= count);
    return this.lines;
  }

  send(raw: string | Buffer): void {
    const bytes = Buffer.from(raw as string);
    let from = 0;
    // One packet, for any content.
    this.#socket.cork();
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      this.ws.send(bytes.subarray(from, end));
      from = end + 1;
    }
    if (from < bytes.length) this.ws.send(bytes.subarray(from), { fin: false });
    this.#socket.uncork();
  }

  close(): void {
    this.ws.close(1000);
  }

  fail(): void {
    this.ws.terminate();
  }

  async hold(channel: Channel): Promise<void> {
    this.ws.pause();
    channel.send({ commit: () => 'x'.repeat(FLOOD_BYTES) });
    while (channel.isWritable) await new Promise((resolve) => setImmediate(resolve));
  }

  release(): void {
    this.ws.resume();
  }
}

/** A WebSocket server, and a transport that dials it. */
export class WebSocketWire implements Wire {
  readonly transport = webSocketTransport();
  readonly halves = 'unseen';
  readonly address: Wire['address'];
  readonly deserted: Wire['address'];
  readonly peers: WebSocketPeer[] = [];
  readonly #server: ReturnType<typeof createServer>;
  readonly #signal = new Signal();

  constructor(
    server: ReturnType<typeof createServer>,
    sockets: WebSocketServer,
    scheme: 'ws' | 'wss',
    tls?: TlsOptions,
  ) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.address = { url: `${scheme}://127.0.0.1:${port}/chat`, tls };
    this.deserted = { url: `${scheme}://127.0.0.1:1/`, tls };
    sockets.on('connection', (ws, { socket }) => {
      this.peers.push(new WebSocketPeer(ws, socket));
      this.#signal.notify();
    });
  }

  async peer(number: number): Promise<WebSocketPeer> {
    await this.#signal.until(() => this.peers.length > number);
    return this.peers[number] as WebSocketPeer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // This destroys nothing: if the transport left a socket open, this never ends, and the test fails.
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}

export async function wsWire(): Promise<WebSocketWire> {
  const server = createServer();
  return new WebSocketWire(...(await listening(server)), 'ws');
}

export async function wssWire(): Promise<WebSocketWire> {
  const server = createTlsServer({ cert: certificates.server.cert, key: certificates.server.key });
  server.on('tlsClientError', () => {});
  return new WebSocketWire(...(await listening(server)), 'wss', { ca: certificates.ca });
}

async function listening(server: ReturnType<typeof createServer>): Promise<[typeof server, WebSocketServer]> {
  const sockets = new WebSocketServer({ server, path: '/chat', maxPayload: 2 * FLOOD_BYTES });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return [server, sockets];
}
