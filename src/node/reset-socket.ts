import net from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Resets a TCP connection (RST in place of FIN). Node knows no reset for TLS and unix sockets, nor has WebSocket one: these are destroyed.
 *
 * @internal
 */
export function resetSocket(socket: Duplex): void {
  // A TLS socket is one of Node's, too, by inheritance.
  const isPlain = socket instanceof net.Socket && socket.constructor === net.Socket;
  if (isPlain && socket.remoteFamily !== undefined) socket.resetAndDestroy();
  else socket.destroy();
}
