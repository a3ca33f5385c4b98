import net from 'node:net';
import tls from 'node:tls';
import type { Target, TlsOptions } from '../../contract/index.js';
import { invalidCi } from '../../errors/index.js';
import { WRITABLE_BYTES } from './batched-channel.js';

/** The address of a socket. */
export type SocketAddress =
  | { readonly wire: 'tcp' | 'tls'; readonly host: string; readonly port: number }
  | { readonly wire: 'unix'; readonly path: string };

/** The event of a socket that is up. For TLS, it follows the check of the certificates. */
export const upEvents = { tcp: 'connect', unix: 'connect', tls: 'secureConnect' } as const;

/** Begins a dial. The socket keeps no process alive: the deadline of a pending request does. */
export type OpenSocket = () => net.Socket;

/**
 * Time after which the system probes a silent connection, in ms. Some clouds' network address translators forget one
 * after 350 s.
 */
const KEEP_ALIVE_MS = 60_000;
/** The shortest time that Node accepts for one attempt, in ms. */
const SHORTEST_ATTEMPT_MS = 10;
/** Time limit of a dial if its target has none, in ms. */
export const CONNECT_TIMEOUT_MS = 2_000;

/**
 * Returns a function that dials an address. Reads TLS material once.
 *
 * @param target - Two addresses of a name share its `connectTimeoutMs`: a silent one leaves half of it to the next.
 * @throws ChoragusError `invalid_config` for a certificate or key that cannot be read. The message shows none of it.
 */
export function socketOpener(address: SocketAddress, target: Target): OpenSocket {
  const begin = address.wire === 'unix' ? () => net.connect(local(address.path)) : inetOpener(address, target);
  return () => begin().unref();
}

function local(path: string): net.NetConnectOpts {
  return { path, writableHighWaterMark: WRITABLE_BYTES } as net.IpcNetConnectOpts;
}

function inetOpener(
  { wire, host, port }: Extract<SocketAddress, { host: string }>,
  { tls: options, ci, connectTimeoutMs = CONNECT_TIMEOUT_MS }: Target,
): OpenSocket {
  const where = {
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
    // Happy Eyeballs (RFC 8305): tries `localhost` on IPv6 and IPv4. By default, Node gives each address 250 ms, which
    // is less than the distance of some peers.
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: Math.max(SHORTEST_ATTEMPT_MS, Math.ceil(connectTimeoutMs / 2)),
    writableHighWaterMark: WRITABLE_BYTES,
  };
  if (wire === 'tcp') return () => net.connect(where);
  const secureContext = readTls(options, ci);
  const servername = options?.servername ?? (net.isIP(host) === 0 ? host : undefined);
  const how = {
    secureContext,
    // Node's name of this option.
    highWaterMark: WRITABLE_BYTES,
    rejectUnauthorized: options?.rejectUnauthorized ?? true,
    ...(servername === undefined ? {} : { servername }),
  };
  return () => {
    const socket = tls.connect({ ...where, ...how });
    // Node accepts neither as an option.
    return socket.once('connect', () => socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS));
  };
}

function readTls({ ca, cert, key, passphrase }: TlsOptions = {}, ci: string): tls.SecureContext {
  const material = { ca: ca === undefined ? undefined : ([ca].flat() as (string | Buffer)[]), cert, key, passphrase };
  const given = Object.fromEntries(Object.entries(material).filter(([, value]) => value !== undefined));
  try {
    return tls.createSecureContext(given);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw invalidCi(ci, `its tls options hold a certificate or key that cannot be read (${code})`);
  }
}

/**
 * Returns whether a dial met itself. If nothing listens on a port of the ephemeral range, the system may give the dial
 * that same port, and TCP's simultaneous open connects it to itself: it would read its own requests as answers.
 *
 * @see RFC 9293, section 3.5, "simultaneous open"
 */
export function isOwnEcho({ localPort, remotePort, localAddress, remoteAddress }: net.Socket): boolean {
  return localPort !== undefined && localPort === remotePort && localAddress === remoteAddress;
}
