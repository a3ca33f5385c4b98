import net from 'node:net';
import tls from 'node:tls';
import { ChoragusError } from '../errors/index.js';
import { type Listener, SocketRegister } from './socket-register.js';

/** TLS settings of a listener. PEM text or bytes, not paths. */
export interface ServerTlsOptions {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** Who may sign client certificates. Default: the system's authorities. */
  readonly ca?: string | Buffer | (string | Buffer)[] | undefined;
  readonly passphrase?: string | undefined;
  /** Ask clients for a certificate. Default: false. */
  readonly requestCert?: boolean | undefined;
  /** Refuse clients whose certificate was asked for and does not verify. Default: true. */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** Where to listen. */
export interface ListenOptions {
  /** Default: 0, a free one that the system picks. */
  readonly port?: number | undefined;
  /** Default: `127.0.0.1`. */
  readonly host?: string | undefined;
  /** The path of a unix socket, in place of port and host. */
  readonly path?: string | undefined;
  /** Speak TLS. Not with `path`. */
  readonly tls?: ServerTlsOptions | undefined;
}

/**
 * Listens, and hands over each socket once it is up (for TLS: once its certificates were checked).
 *
 * @throws ChoragusError `invalid_config` for settings that contradict each other, `unavailable` when the system refuses.
 * @internal
 */
export async function listen(options: ListenOptions, onSocket: (socket: net.Socket) => void): Promise<Listener> {
  if (options.path !== undefined && (options.tls ?? options.port ?? options.host) !== undefined) {
    throw invalid('a unix socket has a path alone: no port, host or tls');
  }
  for (const name of Object.keys(options)) {
    if (!['port', 'host', 'path', 'tls'].includes(name)) throw invalid(`listen.${name} is not an option`);
  }
  const { port = 0 } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw invalid('listen.port takes a whole number from 0 to 65535');
  const register = new SocketRegister();
  const server = makeServer(options.tls);
  // For TLS this is the socket below: one that stalls in its handshake must be counted, and closed, too.
  server.on('connection', (socket: net.Socket) => register.accepted(socket));
  server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: net.Socket) => {
    register.opened(socket);
    onSocket(socket);
  });
  await listening(server, options);
  // A failed accept concerns a client that is gone already: the server goes on.
  server.on('error', () => {});
  return register.listener(server, urlOf(server, options), portOf(server));
}

function makeServer(options: ServerTlsOptions | undefined): net.Server {
  if (options === undefined) return net.createServer({ noDelay: true });
  try {
    return tls.createServer({ ...options, rejectUnauthorized: options.rejectUnauthorized ?? true, noDelay: true });
  } catch (cause) {
    throw invalid('the certificate, the key or the authority is not one that TLS can use', cause);
  }
}

function listening(server: net.Server, { path, port = 0, host = '127.0.0.1' }: ListenOptions): Promise<void> {
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
function urlOf(server: net.Server, { path, host = '127.0.0.1', tls }: ListenOptions): string {
  if (path !== undefined) return `unix:${path}`;
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const named = net.isIPv6(reachable) ? `[${reachable}]` : reachable;
  return `${tls === undefined ? 'tcp' : 'tls'}://${named}:${portOf(server)}`;
}

function invalid(message: string, cause?: unknown): ChoragusError {
  return new ChoragusError('invalid_config', message, { delivery: 'not_sent', cause });
}
