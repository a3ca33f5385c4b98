import type { Duplex } from 'node:stream';
import { ChoragusError } from '../errors/index.js';
import { LineDecoder } from '../protocol/ndjson.js';

/** Receives the lines of a client. */
export interface LineReader {
  onLine(line: string): void;
  /** Handles a line that is longer than the limit: the start of the next line is unknown. */
  onTooLong(): void;
  /** Called after each packet, when all its lines have been passed to `onLine`. */
  onPacketRead(): void;
  /** Called when the client has ended its sending side, after its last line, even if that has no line end. */
  onEnd(): void;
}

/**
 * Splits the bytes of a client into lines.
 *
 * @param maxLineBytes - The longest line, in bytes, without its line end.
 * @internal
 */
export function readLines(client: Duplex, maxLineBytes: number, reader: LineReader): void {
  const decoder = new LineDecoder(maxLineBytes);
  const onLine = (line: string): void => reader.onLine(line);
  client.on('data', (bytes: Buffer) => {
    try {
      decoder.push(bytes, onLine);
    } catch (error) {
      if (!(error instanceof ChoragusError)) throw error;
      reader.onTooLong();
    }
    reader.onPacketRead();
  });
  client.once('end', () => {
    decoder.end(onLine);
    reader.onEnd();
  });
}
