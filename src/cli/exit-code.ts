const signalCodes: Readonly<Record<string, number>> = { SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 };

/** The exit codes of the command. One that a signal ended has 128 and the signal's number. */
export const exitCodes = { done: 0, failed: 1, usage: 2, partial: 3 } as const;

/** Of what was cancelled, by the signal that is the reason. */
export function cancelCode(signal: AbortSignal): number {
  return signalCodes[String(signal.reason)] ?? exitCodes.failed;
}

/** All did it, none, or some. */
export function codeOfParts(done: number, all: number): number {
  if (done === all) return exitCodes.done;
  return done === 0 ? exitCodes.failed : exitCodes.partial;
}
