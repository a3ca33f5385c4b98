import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { ChoragusError, invalidConfig } from '../errors/index.js';
import { keptAlive } from './kept-alive.js';
import type { ListenOptions, ServerTlsOptions, SocketListenOptions, WebSocketServing } from './listen-options.js';
import { type Listener, SocketRegister } from './socket-register.js';
import { webSocketServer } from './web-socket-server.js';

/**
 * Listens on TCP, TLS or a unix socket. Calls `onSocket` with each socket that is connected; with TLS, after the handshake. Expects options
 * that have passed their schema.
 *
 * @throws ChoragusError `invalid_config` for options that exclude each other, `unavailable` if the system refuses to listen.
 * @internal
 */
export async function listen(options: SocketListenOptions, onSocket: (socket: net.Socket) => void): Promise<Listener> {
  checkTogether(options);
  const tlsOptions = readTls(options.tls);
  const how = { ...keptAlive, noDelay: true };
  const server = tlsOptions === undefined ? net.createServer(how) : tls.createServer({ ...tlsOptions, ...how });
  return start(server, options, tlsOptions === undefined ? 'tcp' : 'tls', (socket) => {
    // A client that ends its sending side still waits for its answers. As an option of the server this would also keep a socket half open
    // that ends within its TLS handshake, without an event.
    socket.allowHalfOpen = true;
    onSocket(socket);
  });
}

/**
 * Listens on any wire that a CI is served on. Calls `onClient` with each client, as a stream of lines.
 *
 * @internal
 */
export async function listenForClients(
  { webSocket = false, ...options }: ListenOptions,
  maxLineBytes: number,
  onClient: (client: Duplex) => void,
): Promise<Listener> {
  const origins = originsOf(webSocket);
  if (origins === undefined) return listen(options, onClient);
  if (options.path !== undefined)
    throw invalidConfig('listen.path cannot be combined with listen.webSocket: use listen.port');
  const tlsOptions = readTls(options.tls);
  const server = await webSocketServer(tlsOptions, { maxPayload: maxLineBytes, origins }, onClient);
  return start(server, options, tlsOptions === undefined ? 'ws' : 'wss', () => {});
}

/** Returns the origins that may connect, or `undefined` if the CI does not speak WebSocket. */
function originsOf(webSocket: boolean | WebSocketServing): readonly string[] | undefined {
  if (typeof webSocket === 'boolean') return webSocket ? [] : undefined;
  return webSocket.origins ?? [];
}

/** Refuses options that exclude each other: the schemas check each option alone. */
function checkTogether({ path, port, host, tls: tlsOptions }: SocketListenOptions): void {
  if (path !== undefined && (tlsOptions ?? port ?? host) !== undefined) {
    throw invalidConfig('path cannot be combined with port, host or tls: a unix socket has only a path');
  }
}

async function start(
  server: net.Server,
  options: SocketListenOptions,
  scheme: string,
  onSocket: (socket: net.Socket) => void,
): Promise<Listener> {
  const register = new SocketRegister();
  // With TLS this is the socket below: one that stalls in its handshake must be counted and closed, too.
  server.on('connection', (socket: net.Socket) => register.accepted(socket));
  server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: net.Socket) => {
    register.opened(socket);
    onSocket(socket);
  });
  await listening(server, options);
  // A failed accept concerns a client that has left: the server continues.
  server.on('error', () => {});
  const port = portOf(server);
  const there = options.path === undefined ? { ...options, port } : options;
  return register.listener(server, urlOf(server, options, scheme), port, () => listening(server, there));
}

/** Returns the TLS options with their default. @throws ChoragusError `invalid_config` if TLS cannot use them */
function readTls(options: ServerTlsOptions | undefined): ServerTlsOptions | undefined {
  if (options === undefined) return undefined;
  try {
    tls.createSecureContext(options);
  } catch (cause) {
    throw invalidConfig(
      'TLS refuses the certificate, the key or the authority: use PEM, and a key that fits the certificate',
      cause,
    );
  }
  return { ...options, rejectUnauthorized: options.rejectUnauthorized ?? true };
}

function listening(server: net.Server, { path, port = 0, host = '127.0.0.1' }: SocketListenOptions): Promise<void> {
  const where = path === undefined ? { port, host } : { path };
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown): void => {
      const details = { delivery: 'not_sent', cause } as const;
      reject(new ChoragusError('unavailable', `cannot listen on ${path ?? `${host}:${port}`}`, details));
    };
    server.once('error', refuse);
    server.listen(where, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}

function portOf(server: net.Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Returns the URL by which this process reaches the server: the wildcard address becomes the loopback address. */
function urlOf(server: net.Server, { path, host = '127.0.0.1' }: SocketListenOptions, scheme: string): string {
  if (path !== undefined) return `unix:${path}`;
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const named = net.isIPv6(reachable) ? `[${reachable}]` : reachable;
  return `${scheme}://${named}:${portOf(server)}`;
}
