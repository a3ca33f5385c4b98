import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy that holds back the rest of each event stream until it is told to go on. */
export interface HeldStream extends AsyncDisposable {
  readonly origin: string;
  /** Forwards all that was held, and everything later. */
  release(): void;
}

/** Starts a proxy in front of a port of this machine, which forwards the first bytes of an event stream only. */
export async function openHeldStream(port: number, firstBytes: number): Promise<HeldStream> {
  const sockets = new Set<Socket>();
  let isHeld = true;
  const server = createServer((client) => {
    const service = connect({ port, host: '127.0.0.1' });
    let streamed = Number.NaN;
    client.pipe(service);
    service.on('data', (bytes) => {
      if (bytes.includes('text/event-stream')) streamed = 0;
      client.write(bytes);
      streamed += bytes.length;
      if (isHeld && streamed > firstBytes) service.pause();
    });
    service.on('end', () => client.end());
    for (const socket of [client, service]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        (socket === client ? service : client).destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    release: () => {
      isHeld = false;
      for (const socket of sockets) socket.resume();
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
