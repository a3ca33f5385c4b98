import { credentialsInUrl, invalidCi, portOutOfRange, wrongUrl } from '../../errors/index.js';
import type { SocketAddress } from '../socket/open-socket.js';

/** Where to dial, and which path to request. */
export interface WebSocketAddress {
  readonly url: string;
  readonly socket: Extract<SocketAddress, { host: string }>;
}

/**
 * Reads `ws://host[:port][/path]` and `wss://…`. The default port is 80, or 443.
 *
 * @throws ChoragusError `invalid_config` with the accepted forms. Credentials in a URL are not shown.
 */
export function parseAddress(text: string, ci: string): WebSocketAddress {
  if (!/^wss?:\/\/[^\s]+$/.test(text) || !URL.canParse(text)) {
    throw wrongUrl(ci, 'ws://host[:port][/path] or wss://host[:port][/path]');
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw credentialsInUrl(ci, 'webSocketTransport({ headers })');
  }
  if (url.hash !== '') throw invalidCi(ci, 'its url has a fragment (#), which WebSocket does not allow: remove it');
  if (url.port === '0') throw portOutOfRange(ci, 0);
  const wire = url.protocol === 'ws:' ? 'tcp' : 'tls';
  const port = url.port === '' ? (wire === 'tcp' ? 80 : 443) : Number(url.port);
  return { url: url.href, socket: { wire, host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port } };
}
