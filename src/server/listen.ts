import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import * as v from 'valibot';
import { listenOptions, listOf, optionsOf } from '../checks/index.js';
import { ChoragusError } from '../errors/index.js';
import { keptAlive } from './kept-alive.js';
import { type Listener, SocketRegister } from './socket-register.js';
import { webSocketServer } from './web-socket-server.js';

/** Configures TLS for a listener, as Node's `tls.createServer` takes it: PEM text or bytes, not paths. */
export interface ServerTlsOptions {
  /** The server's certificate chain. */
  readonly cert: string | Buffer;
  /** The private key of `cert`. */
  readonly key: string | Buffer;
  /** Authorities that may sign client certificates. Default: Node's. */
  readonly ca?: string | Buffer | (string | Buffer)[] | undefined;
  /** The passphrase of `key`. Default: none. */
  readonly passphrase?: string | undefined;
  /** If true, asks clients for a certificate. Default: false. */
  readonly requestCert?: boolean | undefined;
  /** If true, refuses clients whose requested certificate does not verify. Default: true. */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** Sets where to listen. */
export interface SocketListenOptions {
  /** The port. Default: 0, a free one that the system chooses. */
  readonly port?: number | undefined;
  /** The address. Default: `127.0.0.1`. */
  readonly host?: string | undefined;
  /** The path of a unix socket, instead of port and host. */
  readonly path?: string | undefined;
  /** Speaks TLS with these settings. Not with `path`. Default: none. */
  readonly tls?: ServerTlsOptions | undefined;
}

/** Configures a CI served over WebSocket. */
export interface WebSocketServing {
  /**
   * Origins of the pages that may connect, such as `https://app.example`. Default: none. Clients outside browsers send
   * no origin.
   */
  readonly origins?: readonly string[] | undefined;
}

/** Sets where to listen, and which wire to speak. */
export interface ListenOptions extends SocketListenOptions {
  /**
   * Speaks WebSocket, one JSON object a message, at any path of the URL. Needs the package `ws`; not with `path`.
   * Default: false.
   *
   * A browser lets any page open a WebSocket to any host, so pages are refused unless `origins` lists them.
   */
  readonly webSocket?: boolean | WebSocketServing | undefined;
}

const origin = v.string('an origin, such as https://app.example');
const serving = optionsOf({ origins: v.optional(listOf(origin, 'a list of origins')) }, 'true, false or { origins }');
/**
 * The checks of {@link ListenOptions}.
 *
 * @internal
 */
export const listenForClientsOptions: v.GenericSchema<unknown, ListenOptions> = optionsOf({
  ...listenOptions,
  webSocket: v.optional(v.lazy((given) => (typeof given === 'boolean' ? v.boolean() : serving))),
});

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
  if (options.path !== undefined) throw invalid('listen.path is not an option with webSocket');
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
    throw invalid('a unix socket has a path alone: no port, host or tls');
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
    throw invalid('the certificate, the key or the authority is not one that TLS can use', cause);
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

function invalid(message: string, cause?: unknown): ChoragusError {
  return new ChoragusError('invalid_config', message, { delivery: 'not_sent', cause });
}
