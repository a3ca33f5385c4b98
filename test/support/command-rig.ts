import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { CommandIo } from '../../src/cli/commands/command.js';
import { runChoragus } from '../../src/cli/run-choragus.js';
import { type CiServer, type ServeCiOptions, serveCi } from '../../src/index.js';
import { CapturedOutput } from './captured-output.js';

/** The environment of a command, unless a test overrides it. */
export interface CommandWorld extends Partial<Omit<CommandIo, 'stdout' | 'stderr' | 'readStdin'>> {
  readonly stdin?: string;
  readonly stdout?: CapturedOutput;
}

/** Runs the command to its end, in a folder of its own, without variables. */
export function useCommand() {
  const closing: (() => Promise<unknown>)[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'command-'));
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    rmSync(folder, { recursive: true, force: true });
  });
  const run = async (argv: readonly string[], world: CommandWorld = {}) => {
    const { stdout = new CapturedOutput(), stdin = '', ...given } = world;
    const stderr = new CapturedOutput();
    const code = await runChoragus(argv, {
      stdout,
      stderr,
      readStdin: async () => stdin,
      env: {},
      folder,
      signal: new AbortController().signal,
      openChorus: () => Promise.reject(new Error('no chorus here')),
      ...given,
    });
    return { code, out: stdout.text, err: stderr.text };
  };
  const ci = async (options: Partial<ServeCiOptions> = {}): Promise<CiServer> => {
    const served = await serveCi({ id: 'apollo', handler: ({ content }) => `You said: ${content}`, ...options });
    closing.push(() => served.close());
    return served;
  };
  return { run, ci, folder };
}

/** Returns the lines of JSON that a command has written. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
