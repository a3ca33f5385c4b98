import net from 'node:net';

/**
 * Resets a TCP connection (RST in place of FIN). Node knows no reset for TLS and unix sockets: these are destroyed.
 *
 * @internal
 */
export function resetSocket(socket: net.Socket): void {
  const isPlainTcp = socket.constructor === net.Socket && socket.remoteFamily !== undefined;
  if (isPlainTcp) socket.resetAndDestroy();
  else socket.destroy();
}
