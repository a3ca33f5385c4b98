import type { Readable } from 'node:stream';

/**
 * Calls `onBytes` with the bytes of a body as they come, until its end. By events, since an iterator drops what came right before a loss.
 * Rejects with what ends the body, or with what `onBytes` throws; calls it no more once the signal is aborted.
 */
export function readBody(body: Readable, signal: AbortSignal, onBytes: (bytes: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    body.on('end', resolve);
    body.on('error', reject);
    body.on('data', (bytes: Buffer) => {
      if (signal.aborted) return;
      try {
        onBytes(bytes);
      } catch (error) {
        reject(error);
        body.destroy();
      }
    });
  });
}
