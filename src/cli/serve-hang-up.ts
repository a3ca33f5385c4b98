import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { timer } from 'rxjs';

/** A peer that takes a question, and hangs up on it after so many ms. On a free port of 127.0.0.1. */
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
