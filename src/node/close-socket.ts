import net from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Resets a TCP connection (RST in place of FIN). Node knows no reset for TLS and unix sockets, nor has WebSocket one: these are destroyed.
 *
 * @internal
 */
export function resetSocket(socket: Duplex): void {
  if (isTcp(socket)) socket.resetAndDestroy();
  else socket.destroy();
}

/**
 * Closes a socket once all is written: at once where nothing waits, as the system does for a process that ends. Whoever goes on writing is told
 * that nobody reads. TLS says goodbye first.
 *
 * @internal
 */
export function closeSocket(socket: net.Socket): void {
  if (isTcp(socket) && socket.writableLength === 0) socket.destroy();
  else socket.destroySoon();
}

function isTcp(socket: Duplex): socket is net.Socket {
  // A TLS socket is one of Node's, too, by inheritance.
  return socket instanceof net.Socket && socket.constructor === net.Socket && socket.remoteFamily !== undefined;
}
