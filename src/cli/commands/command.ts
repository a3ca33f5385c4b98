import type { Output } from '../screen.js';

/** What a command has of the world. */
export interface CommandIo {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Cancels; its reason is the signal's name. */
  readonly signal: AbortSignal;
}

/** One command. */
export interface Command {
  /** In one line. */
  readonly about: string;
  readonly usage: string;
  /** @returns The exit code. @throws UsageError for a command line that is wrong. */
  run(argv: readonly string[], io: CommandIo): Promise<number>;
}
