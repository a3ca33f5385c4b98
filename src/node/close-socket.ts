import net from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Resets a TCP connection (RST instead of FIN). Destroys TLS sockets, unix sockets and WebSockets, because they have no reset.
 *
 * @internal
 */
export function resetSocket(socket: Duplex): void {
  if (isTcp(socket)) socket.resetAndDestroy();
  else socket.destroy();
}

/**
 * Closes a socket once all bytes are written. Destroys a TCP socket with nothing to write at once, so that a peer that still writes gets an
 * error. TLS sends its close_notify first.
 *
 * @internal
 */
export function closeSocket(socket: net.Socket): void {
  if (isTcp(socket) && socket.writableLength === 0) socket.destroy();
  else socket.destroySoon();
}

function isTcp(socket: Duplex): socket is net.Socket {
  // The constructor is compared, because a TLS socket inherits from `net.Socket`.
  return socket instanceof net.Socket && socket.constructor === net.Socket && socket.remoteFamily !== undefined;
}
