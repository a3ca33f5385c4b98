import type { Duplex } from 'node:stream';
import { ChoragusError } from '../errors/index.js';
import { LineDecoder } from '../protocol/ndjson.js';

/** Takes what a client sends. */
export interface LineReader {
  onLine(line: string): void;
  /** A line is over the limit: where it ends, and the next one begins, is not known. */
  onTooLong(): void;
  /** The lines of a packet are handed over. */
  onPacketRead(): void;
  /** The client has ended its side. Its last line, also without a line end, is handed over. */
  onEnd(): void;
}

/**
 * Splits what a client sends into lines.
 *
 * @param maxLineBytes - The longest line, in bytes, its end not counted.
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
