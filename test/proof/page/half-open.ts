import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy that can stop to forward, as a network does that loses a route: nobody gets a FIN. */
export interface HalfOpenProxy extends AsyncDisposable {
  readonly origin: string;
  /** Forwards nothing more on the present connections, in either direction. Later connections work. */
  freeze(): void;
}

/** Starts a proxy in front of a port of this machine. */
export async function openHalfOpenProxy(port: number): Promise<HalfOpenProxy> {
  const pipes = new Set<{ state: 'open' | 'frozen' }>();
  const sockets = new Set<Socket>();
  // With the default, Node answers a FIN with its own.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const service = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const pipe: { state: 'open' | 'frozen' } = { state: 'open' };
    pipes.add(pipe);
    for (const [from, to] of [
      [client, service],
      [service, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => void (pipe.state === 'open' && to.write(bytes)));
      from.on('end', () => void (pipe.state === 'open' && to.end()));
      from.on('error', () => void (pipe.state === 'open' && to.destroy()));
      from.on('close', () => sockets.delete(from));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    freeze: () => {
      for (const pipe of pipes) pipe.state = 'frozen';
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
