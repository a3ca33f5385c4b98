import { once } from 'node:events';
import net from 'node:net';
import { afterEach } from 'vitest';

/** A listener of the test's own, which keeps to no wire at all. */
export interface HostilePeer {
  readonly url: string;
  readonly port: number;
  /** Sockets that came, open and closed, in the order of their coming. */
  readonly sockets: readonly net.Socket[];
}

export type Misbehave = (socket: net.Socket) => void;

/** Hostile peers for each test of a file. Put it after `useStage()`, so that they are gone when the stage looks for leaks. */
export function useHostilePeers(): (misbehave: Misbehave) => Promise<HostilePeer> {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });
  return async (misbehave) => {
    const sockets: net.Socket[] = [];
    const server = net.createServer({ noDelay: true }, (socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      misbehave(socket);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    closers.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    const { port } = server.address() as net.AddressInfo;
    return { url: `tcp://127.0.0.1:${port}`, port, sockets };
  };
}

/**
 * Writes the same piece again and again, as fast as it is taken, until `totalBytes` were offered or the other end has
 * gone. One piece is under way at a time, so that what this end holds is one piece. Settles with the bytes taken.
 */
export async function pour(socket: net.Socket, piece: Buffer, totalBytes: number): Promise<number> {
  let taken = 0;
  while (taken < totalBytes && !socket.destroyed) {
    const failed = await new Promise<unknown>((resolve) => socket.write(piece, resolve));
    if (failed) break;
    taken += piece.length;
    // A `write` that succeeds at once calls back before other sockets are looked at.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return taken;
}

/** Calls `onRequest` with each request's parsed line. */
export function readLines(socket: net.Socket, onRequest: (request: Record<string, unknown>) => void): void {
  let rest = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) onRequest(JSON.parse(line) as Record<string, unknown>);
  });
}
