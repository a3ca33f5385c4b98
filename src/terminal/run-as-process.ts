import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { exitCodes, signalCode } from './exit-code.js';
import { asksForJson, failureJson } from './failure-json.js';

/** The command `timeout` signals the process and then its group. The same signal within this time counts once. */
const sameSignalMs = 200;
/** How long a command may take to end, in ms: longer than any drain. */
const longestEndMs = 7_000;
const parentCheckMs = 250;

/**
 * Runs a command as this process, and exits with its code.
 *
 * The first SIGINT or SIGTERM aborts the command's signal, with the name of the signal as the reason. The second ends the process at once.
 * If the reader of stdout leaves, aborts with `SIGPIPE` and exits with 141.
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
  // An error of stderr can be reported nowhere.
  stderr.on('error', () => {});

  // Keeps the process alive until the command returns its code: a dial to a CI that is down does not.
  setInterval(() => {}, 2 ** 30);
  const code = await run(signal);
  // Waits for pending output and its errors, then exits: a handle that a user's module left open must not keep the process alive.
  stdout.write('', () => stderr.write('', () => setImmediate(() => process.exit(lost ?? code))));
}

function failureOf({ message }: Error): string {
  const why = `stdout cannot be written: ${message}`;
  return asksForJson(process.argv) ? failureJson('failed', why) : `${why}\n`;
}

/** Calls `gone` when the shell between npx and this process has ended: npx ends on SIGTERM and does not pass it on. */
function onParentGone(gone: () => void): void {
  if (process.env.npm_lifecycle_event !== 'npx') return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) gone();
  }, parentCheckMs).unref();
}

/** Reads stdin as text. On abort, rejects and closes stdin: it would keep the process alive. */
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
