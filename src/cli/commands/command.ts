import type { Chorus } from '../../demo/serve-chorus.js';
import type { Environment } from '../../tekton/setting.js';
import type { Output } from '../../terminal/screen.js';

/** The streams, environment and signal that a command uses. */
export interface CommandIo {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Reads stdin as text. */
  readonly readStdin: () => Promise<string>;
  readonly env: Environment;
  /** The current folder. */
  readonly folder: string;
  /** Cancels the command. Its reason is the signal's name, which decides the exit code. */
  readonly signal: AbortSignal;
  /** Starts the embedded chorus. */
  readonly openChorus: (signal: AbortSignal) => Promise<Chorus>;
}

/** One command. */
export interface Command {
  readonly usage: string;
  /** Runs the command, and returns its exit code. @throws UsageError for a wrong command line */
  run(argv: readonly string[], io: CommandIo): Promise<number>;
}
