/** Ends this process with the one that started it: the pipe to its standard input closes then, however it ended. */
export function exitWithParent() {
  process.stdin.once('end', () => process.exit()).resume();
}
