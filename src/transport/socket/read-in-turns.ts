import type net from 'node:net';

/** The most that Node reads at once from a socket that has more. TLS passes on one record at a time. */
const FULL_BYTES = { tcp: 65_536, unix: 65_536, tls: 16_384 } as const;

/** The bytes of one link that are read before all other links have their turn. */
const TURN_BYTES = 65_536;

/**
 * Passes received bytes on, and pauses a flooding socket for one turn of the event loop. Without the pause, Node would
 * read 2 MiB of it before any other socket, and a peer that streams at full rate would delay all other CIs.
 *
 * Costs nothing while each read empties the socket.
 */
export function readInTurns(socket: net.Socket, wire: keyof typeof FULL_BYTES, onBytes: (bytes: Buffer) => void): void {
  const fullBytes = FULL_BYTES[wire];
  let inARow = 0;
  const resume = (): void => {
    socket.resume();
  };
  socket.on('data', (bytes: Buffer) => {
    inARow = bytes.length < fullBytes ? 0 : inARow + bytes.length;
    if (inARow >= TURN_BYTES) {
      inARow = 0;
      socket.pause();
      setImmediate(resume);
    }
    onBytes(bytes);
  });
}
