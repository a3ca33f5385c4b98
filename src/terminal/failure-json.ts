/** Whether a command line asks for JSON. After a -- it is a word like any other. */
export function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json');
}

/** Returns why a command could not do its work, as a line of JSON. */
export function failureJson(code: string, message: string): string {
  return `${JSON.stringify({ ok: false, error: { code, message } })}\n`;
}
