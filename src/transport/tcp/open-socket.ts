import net from 'node:net';
import tls from 'node:tls';
import type { TlsOptions } from '../../contract/index.js';
import type { Address } from './address.js';

/** Begins a dial. The socket keeps no process alive: what does is a pending request's deadline. */
export function openSocket(address: Address, tlsOptions: TlsOptions | undefined): net.Socket {
  const socket = begin(address, tlsOptions);
  socket.unref();
  return socket;
}

/** The event by which the socket says that it is up: for TLS, that the certificates were checked, too. */
export function upEventOf(address: Address): 'connect' | 'secureConnect' {
  return address.wire === 'tls' ? 'secureConnect' : 'connect';
}

function begin(address: Address, options: TlsOptions = {}): net.Socket {
  if (address.wire === 'unix') return net.connect({ path: address.path });
  // autoSelectFamily is Happy Eyeballs (RFC 8305): `localhost` is tried on IPv6 and IPv4, whichever answers.
  const where = { host: address.host, port: address.port, noDelay: true, autoSelectFamily: true };
  if (address.wire === 'tcp') return net.connect(where);
  const { ca, ...rest } = options;
  const servername = rest.servername ?? (net.isIP(address.host) === 0 ? address.host : undefined);
  return tls.connect({
    ...where,
    ...rest,
    ...(ca === undefined ? {} : { ca: [ca].flat() as (string | Buffer)[] }),
    ...(servername === undefined ? {} : { servername }),
    rejectUnauthorized: rest.rejectUnauthorized ?? true,
  });
}
