import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** Reads what is piped in, as text. Rejects when the signal is aborted: stdin is then closed, since it would keep the process alive. */
export async function readStdin(stdin: Readable, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const close = (): void => void stdin.destroy(new Error('cancelled'));
  signal.addEventListener('abort', close, { once: true });
  try {
    return await text(stdin);
  } finally {
    signal.removeEventListener('abort', close);
  }
}
