import { ChoragusError } from '../../errors/index.js';
import type { SocketAddress } from '../socket/socket-address.js';

/**
 * Reads `tcp://host:port`, `tls://host:port` and `unix:/path`. IPv6 addresses stand in brackets.
 *
 * @throws ChoragusError `invalid_config`, naming what it takes; credentials in a URL are not shown.
 */
export function parseAddress(url: string, ci: string): SocketAddress {
  if (url.startsWith('unix:')) return { wire: 'unix', path: socketPath(url, ci) };
  const match = /^(tcp|tls):\/\/(\[[0-9a-fA-F:.%\w]+\]|[^\s:/?#@[\]]+):(\d{1,5})\/?$/.exec(url);
  if (match === null) throw invalid(ci, 'its url must be tcp://host:port, tls://host:port or unix:/path');
  const port = Number(match[3]);
  if (port < 1 || port > 65_535) throw invalid(ci, `its port must be from 1 to 65535, and is ${port}`);
  const host = match[2] as string;
  return { wire: match[1] as 'tcp' | 'tls', host: host.startsWith('[') ? host.slice(1, -1) : host, port };
}

function socketPath(url: string, ci: string): string {
  const path = url.slice('unix:'.length).replace(/^\/\/(?=\/)/, '');
  if (!/^\/[^/]/.test(path)) throw invalid(ci, 'a unix url must hold an absolute path, as in unix:/run/ci.sock');
  // sun_path holds 108 bytes on Linux, 104 elsewhere, the ending zero included; a longer one is cut by the system.
  if (Buffer.byteLength(path) > 103) throw invalid(ci, 'the path of a unix socket can have at most 103 bytes');
  return path;
}

function invalid(ci: string, message: string): ChoragusError {
  return new ChoragusError('invalid_config', `CI "${ci}": ${message}`, { ci, delivery: 'not_sent' });
}
