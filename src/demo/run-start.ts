import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastValueFrom } from 'rxjs';
import type { Pool, PoolOptions } from '../contract/index.js';
import { createPool } from '../create-pool.js';
import { startInspector } from '../inspector/index.js';
import { readEnvironment } from '../tekton/environment.js';
import type { Environment } from '../tekton/setting.js';
import { cancelCode } from '../terminal/exit-code.js';
import { type Output, Screen } from '../terminal/screen.js';
import { readArguments, usage } from './arguments.js';
import type { Chorus } from './serve-chorus.js';
import { tour } from './tour.js';

/** The streams, environment and signal that the command uses. */
export interface StartIo {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Environment;
  /** Cancels the command. Its reason is the signal's name, which decides the exit code. */
  readonly signal: AbortSignal;
  /** Starts the embedded chorus. */
  readonly openChorus: (signal: AbortSignal) => Promise<Chorus>;
}

/**
 * Runs `npm start`: two team chats and a streamed answer, with the embedded chorus or with real CIs.
 *
 * @returns The exit code: 0 for success; 1 if nothing answered or the chorus did not start; 2 for bad arguments or a bad
 * environment; 128 plus the signal's number if cancelled.
 */
export async function runStart(argv: readonly string[], io: StartIo): Promise<number> {
  const read = readArguments(argv, io.env.CHORAGUS_INSPECT);
  if (read.kind === 'help') {
    io.stdout.write(usage);
    return 0;
  }
  if (read.kind === 'wrong') {
    io.stderr.write(`${read.problem}\n\n${usage}`);
    return 2;
  }
  const { cis, message, deadlineMs, inspectPort, allowedHosts } = read;
  const { stdout, stderr, env, signal } = io;
  const source = cis === 'chorus' ? await embedded(io) : fromEnvironment(io);
  if (typeof source === 'number') return source;
  // Each request in flight adds a listener. With 18 CIs Node would report a leak.
  setMaxListeners(0, signal);
  try {
    const pool = createPool({ ...source.options, logger: false });
    const question = { message, deadlineMs, signal };
    await using inspector =
      inspectPort === undefined ? undefined : await startInspector(pool, { port: inspectPort, allowedHosts });
    if (inspector !== undefined) stdout.write(`Inspector: ${inspector.url}\n`);
    const beforeClose = inspector === undefined ? undefined : () => keepAsking(pool, question);
    const end = await tour(pool, { question, cis, screen: new Screen(stdout, env), stderr, beforeClose });
    return end === 'cancelled' ? cancelCode(signal) : end === 'answered' ? 0 : 1;
  } finally {
    await source.close();
  }
}

interface Source {
  readonly options: PoolOptions;
  close(): Promise<void>;
}

async function embedded({ openChorus, signal, stderr }: StartIo): Promise<Source | number> {
  try {
    const chorus = await openChorus(signal);
    return { options: { cis: chorus.cis }, close: () => chorus.close() };
  } catch (error) {
    if (signal.aborted) return cancelCode(signal);
    stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function fromEnvironment({ env, stderr }: StartIo): Source | number {
  try {
    return { options: readEnvironment(env), close: async () => {} };
  } catch (error) {
    stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}

const PAUSE_MS = 500;

/** Asks all CIs repeatedly until cancelled, so that the inspector shows traffic. */
export async function keepAsking(
  pool: Pool,
  {
    message,
    deadlineMs,
    signal,
  }: { readonly message: string; readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await lastValueFrom(pool.broadcast(message, { deadlineMs, signal }), { defaultValue: undefined });
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
}
