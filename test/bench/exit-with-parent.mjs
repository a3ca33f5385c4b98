/** Ends this process when the one that started it is gone: the pipe to its standard input ends then, however it died. */
export function exitWithParent() {
  process.stdin.once('end', () => process.exit()).resume();
}
