import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import type { Channel, Target, TlsOptions } from '../../../src/contract/index.js';
import { tcpTransport } from '../../../src/transport/tcp/tcp-transport.js';
import { certificates } from '../../support/certificates.js';
import { Signal, type Wire, type WirePeer } from './wire.js';

/** More than the buffers of both sockets hold: Linux lets the sender's grow to 4 MiB, and the other one does not grow while nobody reads. */
const FLOOD_BYTES = 8 * 1_024 * 1_024;

/** The far end of a socket: no library code lies between the test and the bytes. */
export class SocketPeer implements WirePeer {
  readonly socket: net.Socket;
  readonly lines: string[] = [];
  /** Number of pieces in which the bytes came. */
  packets = 0;
  readonly closed: Promise<void>;
  readonly #signal = new Signal();
  #pieces: string[] = [];

  constructor(socket: net.Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    // A reset means that the client left; 'close' follows.
    socket.on('error', () => {});
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#take(text));
  }

  async received(count: number): Promise<readonly string[]> {
    await this.#signal.until(() => this.lines.length >= count);
    return this.lines;
  }

  send(raw: string | Buffer): void {
    this.socket.write(raw);
  }

  close(): void {
    this.socket.end();
  }

  fail(): void {
    // Node can reset only TCP.
    if (this.socket.remoteFamily === undefined || this.socket instanceof tls.TLSSocket) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  async hold(channel: Channel): Promise<void> {
    this.socket.pause();
    channel.send({ commit: () => 'x'.repeat(FLOOD_BYTES) });
    while (channel.isWritable) await new Promise((resolve) => setImmediate(resolve));
  }

  release(): void {
    this.socket.resume();
  }

  #take(text: string): void {
    this.packets += 1;
    this.#pieces.push(text);
    if (!text.includes('\n')) return;
    const lines = this.#pieces.join('').split('\n');
    this.#pieces = [lines.pop() as string];
    this.lines.push(...lines.filter((line) => line[0] !== 'x'));
    this.#signal.notify();
  }
}

/** A listening socket, and a transport that dials it. */
export class SocketWire implements Wire {
  readonly transport = tcpTransport;
  readonly address: Wire['address'];
  readonly deserted: Wire['address'];
  readonly peers: SocketPeer[] = [];
  readonly #server: net.Server;
  readonly #signal = new Signal();
  readonly #cleanUp: () => void;

  constructor(server: net.Server, address: Wire['address'], deserted: Wire['address'], cleanUp: () => void = () => {}) {
    this.#server = server;
    this.address = address;
    this.deserted = deserted;
    this.#cleanUp = cleanUp;
    server.on(server instanceof tls.Server ? 'secureConnection' : 'connection', (socket: net.Socket) => {
      this.peers.push(new SocketPeer(socket));
      this.#signal.notify();
    });
  }

  async peer(number: number): Promise<SocketPeer> {
    await this.#signal.until(() => this.peers.length > number);
    return this.peers[number] as SocketPeer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // This destroys nothing: if the transport left a socket open, this never ends, and the test fails.
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
    this.#cleanUp();
  }
}

/** Only a program of the system may listen here, and none does. */
const DESERTED_PORT = 1;

export async function tcpWire(host = '127.0.0.1'): Promise<SocketWire> {
  const server = net.createServer({ noDelay: true });
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  return new SocketWire(server, { url: `tcp://${host}:${port}` }, { url: `tcp://127.0.0.1:${DESERTED_PORT}` });
}

/** Trusts the tests' own authority by default. */
export async function tlsWire(
  client: TlsOptions = { ca: certificates.ca },
  server: tls.TlsOptions = certificates.server,
  host = '127.0.0.1',
): Promise<SocketWire> {
  const listener = tls.createServer({ ...server, noDelay: true });
  // A client that refuses our certificate ends the handshake; that is its own decision.
  listener.on('tlsClientError', () => {});
  const port = await listen(listener, { host: '127.0.0.1', port: 0 });
  const at = (url: string): Pick<Target, 'url' | 'tls'> => ({ url, tls: client });
  return new SocketWire(listener, at(`tls://${host}:${port}`), at(`tls://127.0.0.1:${DESERTED_PORT}`));
}

export async function unixWire(): Promise<SocketWire> {
  const folder = mkdtempSync(join(tmpdir(), 'wire-'));
  const path = join(folder, 'ci.sock');
  const server = net.createServer();
  await listen(server, { path });
  const address = { url: `unix:${path}` };
  return new SocketWire(server, address, { url: `unix:${path}.none` }, () => rmSync(folder, { recursive: true }));
}

async function listen(server: net.Server, where: net.ListenOptions): Promise<number> {
  server.listen(where);
  await once(server, 'listening');
  return where.path === undefined ? (server.address() as AddressInfo).port : 0;
}
