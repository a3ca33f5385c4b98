import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { ChoragusError, invalidConfig } from '../errors/index.js';
import { keptAlive } from './kept-alive.js';
import type { ListenOptions, ServerTlsOptions, SocketListenOptions, WebSocketServing } from './listen-options.js';
import { type Listener, SocketRegister } from './socket-register.js';
import { webSocketServer } from './web-socket-server.js';

/**
 * Listens, and hands over each socket once it is up (for TLS: once its certificates were checked). The options are checked already, each
 * for itself.
 *
 * @throws ChoragusError `invalid_config` for settings that contradict each other, `unavailable` when the system refuses.
 * @internal
 */
export async function listen(options: SocketListenOptions, onSocket: (socket: net.Socket) => void): Promise<Listener> {
  checkTogether(options);
  const tlsOptions = readTls(options.tls);
  const how = { ...keptAlive, noDelay: true };
  const server = tlsOptions === undefined ? net.createServer(how) : tls.createServer({ ...tlsOptions, ...how });
  return start(server, options, tlsOptions === undefined ? 'tcp' : 'tls', (socket) => {
    // A client that ends its side has asked its last question, and waits for the answers. Not an option of the server: one that ends within its
    // TLS handshake would stay half open, and nobody would be told.
    socket.allowHalfOpen = true;
    onSocket(socket);
  });
}

/**
 * The same for any wire that a CI is served on: each client is a stream of lines.
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
  if (options.path !== undefined) throw invalidConfig('listen.path is not an option with webSocket');
  const tlsOptions = readTls(options.tls);
  const server = await webSocketServer(tlsOptions, { maxPayload: maxLineBytes, origins }, onClient);
  return start(server, options, tlsOptions === undefined ? 'ws' : 'wss', () => {});
}

/** The origins that are allowed; `undefined` where WebSocket is not spoken. */
function originsOf(webSocket: boolean | WebSocketServing): readonly string[] | undefined {
  if (typeof webSocket === 'boolean') return webSocket ? [] : undefined;
  return webSocket.origins ?? [];
}

/** What the schemas leave open: options that exclude each other. */
function checkTogether({ path, port, host, tls: tlsOptions }: SocketListenOptions): void {
  if (path !== undefined && (tlsOptions ?? port ?? host) !== undefined) {
    throw invalidConfig('a unix socket has a path alone: no port, host or tls');
  }
}

async function start(
  server: net.Server,
  options: SocketListenOptions,
  scheme: string,
  onSocket: (socket: net.Socket) => void,
): Promise<Listener> {
  const register = new SocketRegister();
  // For TLS this is the socket below: one that stalls in its handshake must be counted, and closed, too.
  server.on('connection', (socket: net.Socket) => register.accepted(socket));
  server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: net.Socket) => {
    register.opened(socket);
    onSocket(socket);
  });
  await listening(server, options);
  // A failed accept concerns a client that is gone already: the server goes on.
  server.on('error', () => {});
  const port = portOf(server);
  const there = options.path === undefined ? { ...options, port } : options;
  return register.listener(server, urlOf(server, options, scheme), port, () => listening(server, there));
}

/** The same with its default, once it is known that TLS can use it. */
function readTls(options: ServerTlsOptions | undefined): ServerTlsOptions | undefined {
  if (options === undefined) return undefined;
  try {
    tls.createSecureContext(options);
  } catch (cause) {
    throw invalidConfig('the certificate, the key or the authority is not one that TLS can use', cause);
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

/** The URL by which this process reaches the server: an address that means "all of them" becomes the loopback's. */
function urlOf(server: net.Server, { path, host = '127.0.0.1' }: SocketListenOptions, scheme: string): string {
  if (path !== undefined) return `unix:${path}`;
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const named = net.isIPv6(reachable) ? `[${reachable}]` : reachable;
  return `${scheme}://${named}:${portOf(server)}`;
}
