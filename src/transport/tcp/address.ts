import { invalidCi, portOutOfRange, wrongUrl } from '../../errors/index.js';
import type { SocketAddress } from '../socket/open-socket.js';

/**
 * `sun_path` holds 108 bytes on Linux and 104 elsewhere, including a zero at the end. The system cuts a longer path.
 */
const MAX_PATH_BYTES = 103;

/**
 * Reads `tcp://host:port`, `tls://host:port` and `unix:/path`. IPv6 addresses need brackets.
 *
 * @throws ChoragusError `invalid_config` with the accepted forms. Credentials in a URL are not shown.
 */
export function parseAddress(url: string, ci: string): SocketAddress {
  if (url.startsWith('unix:')) return { wire: 'unix', path: socketPath(url, ci) };
  const match = /^(tcp|tls):\/\/(\[[0-9a-fA-F:.%\w]+\]|[^\s:/?#@[\]]+):(\d{1,5})\/?$/.exec(url);
  if (match === null) throw wrongUrl(ci, 'tcp://host:port, tls://host:port or unix:/path');
  const port = Number(match[3]);
  if (port < 1 || port > 65_535) throw portOutOfRange(ci, port);
  const host = match[2] as string;
  return { wire: match[1] as 'tcp' | 'tls', host: host.startsWith('[') ? host.slice(1, -1) : host, port };
}

function socketPath(url: string, ci: string): string {
  const path = url.slice('unix:'.length).replace(/^\/\/(?=\/)/, '');
  if (!/^\/[^/]/.test(path)) throw wrongUrl(ci, 'unix: and an absolute path, such as unix:/run/ci.sock');
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_PATH_BYTES)
    throw invalidCi(ci, `its unix socket path has ${bytes} bytes: use at most ${MAX_PATH_BYTES}`);
  return path;
}
