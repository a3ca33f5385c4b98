import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { exitCodes, signalCode } from './exit-code.js';
import { asksForJson, failureJson } from './failure-json.js';

/** `timeout` sends a signal to the process, and again to its group: the same signal within this time counts once. */
const sameSignalMs = 200;
/** How long a command may take to end: longer than any drain. */
const longestEndMs = 7_000;
const parentCheckMs = 250;

/**
 * Runs a command as this process, and exits with its code.
 *
 * The first SIGINT or SIGTERM aborts the command's signal, with the name of the signal as the reason; the second ends the process at once. A
 * reader of stdout that leaves aborts it with `SIGPIPE`, and the exit code is then 141.
 *
 * @param run - Settles with the exit code.
 */
export async function runAsProcess(run: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const { stdout, stderr } = process;
  const cancelling = new AbortController();
  const { signal } = cancelling;
  const cancel = (reason: string): void => {
    if (signal.aborted) return;
    cancelling.abort(reason);
    setTimeout(() => process.exit(signalCode(reason)), longestEndMs).unref();
  };
  let first: { readonly name: string; readonly atMs: number } | undefined;
  const onSignal = (name: string): void => {
    const isSame = name === first?.name && performance.now() - first.atMs < sameSignalMs;
    if (signal.aborted && !isSame) process.exit(signalCode(name));
    first ??= { name, atMs: performance.now() };
    cancel(name);
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  onParentGone(() => cancel('SIGTERM'));

  let lost: number | undefined;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (lost === undefined && error.code !== 'EPIPE') stderr.write(failureOf(error));
    lost ??= error.code === 'EPIPE' ? signalCode('SIGPIPE') : exitCodes.failed;
    cancel('SIGPIPE');
  });
  // Nobody is left to tell.
  stderr.on('error', () => {});

  // A command may wait for what keeps no process alive, such as a CI that is down. It ends by its code alone.
  setInterval(() => {}, 2 ** 30);
  const code = await run(signal);
  // Waits for what is still on its way, and for its errors. A handle that a module of the user's left open must not keep the process alive.
  stdout.write('', () => stderr.write('', () => setImmediate(() => process.exit(lost ?? code))));
}

function failureOf({ message }: Error): string {
  const why = `stdout cannot be written: ${message}`;
  return asksForJson(process.argv) ? failureJson('failed', why) : `${why}\n`;
}

/** npx ends on SIGTERM and does not pass it on. Calls `gone` when the shell between npx and this process has ended. */
function onParentGone(gone: () => void): void {
  if (process.env.npm_lifecycle_event !== 'npx') return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) gone();
  }, parentCheckMs).unref();
}

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
