import type { Chorus } from '../../demo/serve-chorus.js';
import type { Environment } from '../../tekton/setting.js';
import type { Output } from '../../terminal/screen.js';

/** What a command has of the world. */
export interface CommandIo {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Reads what is piped in, as text. */
  readonly readStdin: () => Promise<string>;
  readonly env: Environment;
  /** The current folder. */
  readonly folder: string;
  /** Cancels; its reason is the signal's name, and decides the exit code. */
  readonly signal: AbortSignal;
  /** Starts the embedded chorus. */
  readonly openChorus: (signal: AbortSignal) => Promise<Chorus>;
}

/** One command. */
export interface Command {
  readonly usage: string;
  /** @returns The exit code. @throws UsageError for a command line that is wrong. */
  run(argv: readonly string[], io: CommandIo): Promise<number>;
}
