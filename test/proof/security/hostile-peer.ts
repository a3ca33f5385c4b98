import { once } from 'node:events';
import net from 'node:net';
import { afterEach } from 'vitest';

/** A listener of the test that follows no protocol. */
export interface HostilePeer {
  readonly url: string;
  readonly port: number;
  /** Accepted sockets, open and closed, oldest first. */
  readonly sockets: readonly net.Socket[];
}

export type Misbehave = (socket: net.Socket) => void;

/** Provides hostile peers for each test of a file. Call it after `useStage()`, so that they are gone when the stage checks for leaks. */
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
 * Writes the same piece repeatedly, as fast as it is read, until `totalBytes` were offered or the other end has
 * closed. One piece is under way at a time, so this end holds one piece. Settles with the number of bytes read.
 */
export async function pour(socket: net.Socket, piece: Buffer, totalBytes: number): Promise<number> {
  let taken = 0;
  while (taken < totalBytes && !socket.destroyed) {
    const failed = await new Promise<unknown>((resolve) => socket.write(piece, resolve));
    if (failed) break;
    taken += piece.length;
    // A `write` that succeeds at once calls back before other sockets are served.
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
