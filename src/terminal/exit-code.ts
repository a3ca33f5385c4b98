const signalCodes: Readonly<Record<string, number>> = { SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 };

/** The exit codes of a command. A command that a signal ended exits with 128 plus the signal's number. */
export const exitCodes = { good: 0, failed: 1, usage: 2 } as const;

/** Returns the exit code of a signal, by its name. */
export function signalCode(name: string): number {
  return signalCodes[name] ?? exitCodes.failed;
}

/** Returns the exit code of a cancelled command. The abort's reason is the name of the signal. */
export function cancelCode(signal: AbortSignal): number {
  return signalCode(String(signal.reason));
}

/** Returns 0 if all parts succeeded, otherwise 1. */
export function codeOfParts(done: number, all: number): number {
  return done === all ? exitCodes.good : exitCodes.failed;
}
