import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { timer } from 'rxjs';

/** Starts a peer on a free port of 127.0.0.1 that closes the connection `afterMs` milliseconds after a question. */
export async function serveHangUp(afterMs: number): Promise<{ readonly url: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('data', () => {
      const hangingUp = timer(afterMs).subscribe(() => socket.destroy());
      socket.once('close', () => hangingUp.unsubscribe());
    });
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `tcp://127.0.0.1:${port}`,
    close: async () => {
      if (!server.listening) return;
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/**
 * Returns an address on 127.0.0.1 where nothing listens until `close`. Its port is the local port of an open connection, so
 * that the system does not give it to another process.
 */
export async function holdSilentPort(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const holding = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [[peer]] = await Promise.all([once(server, 'connection'), once(holding, 'connect')]);
  return {
    url: `tcp://127.0.0.1:${holding.localPort}`,
    close: async () => {
      holding.destroy();
      peer.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}
