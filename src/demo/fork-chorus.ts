import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { timer } from 'rxjs';
import type { Chorus } from './serve-chorus.js';

const endTimeoutMs = 1_000;

/**
 * Starts the chorus as a child process. Settles once it listens. The child ends on `close`, and whenever this process ends,
 * because the channel between them closes.
 *
 * @param entry - The compiled `chorus.js`.
 * @throws Error if the child ends before it listens; the signal's reason, or an `AbortError`, if aborted.
 */
export async function forkChorus(entry: URL, signal: AbortSignal): Promise<Chorus> {
  signal.throwIfAborted();
  // Inherits stderr, so that the user sees why it cannot start.
  const child = fork(entry, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  try {
    const cis = await Promise.race([addresses(child, signal), ended.then(endedEarly)]);
    return { cis, close: () => end(child, ended) };
  } catch (error) {
    await end(child, ended);
    throw error;
  }
}

async function addresses(child: ChildProcess, signal: AbortSignal): Promise<Chorus['cis']> {
  const [message] = (await once(child, 'message', { signal })) as [Pick<Chorus, 'cis'>];
  return message.cis;
}

function endedEarly([code, signal]: unknown[]): never {
  throw new Error(`the embedded chorus could not start: its process ended with ${String(code ?? signal)}`);
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.connected) child.disconnect();
  const killing = timer(endTimeoutMs).subscribe(() => child.kill('SIGKILL'));
  await ended;
  killing.unsubscribe();
}
