/** Returns true if a command line has the option `--json`. After `--` it is a word. */
export function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json');
}

/** Returns a command's failure as a line of JSON. */
export function failureJson(code: string, message: string): string {
  return `${JSON.stringify({ ok: false, error: { code, message } })}\n`;
}
