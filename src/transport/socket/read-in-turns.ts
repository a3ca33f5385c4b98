import type net from 'node:net';

/** What Node reads at once from a socket that holds more. TLS hands on a record at a time. */
const FULL_BYTES = { tcp: 65_536, unix: 65_536, tls: 16_384 } as const;

/** Bytes of one link that are read without a pause, before all others have their turn. */
const TURN_BYTES = 65_536;

/**
 * Hands on what comes, and pauses a socket that floods for one turn of the event loop: Node would read 2 MiB of it before
 * it looks at any other, and a peer that streams at full rate would hold up all CIs for as long as that takes.
 *
 * Costs nothing while the socket is read empty each time, which is when less comes than was asked for.
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
