/** Unusual texts that programs send besides lines of JSON, with their contents: `A` and `B` are two whole lines without their ends. */
export const oddLines: readonly (readonly [what: string, text: string])[] = [
  ['an empty line before', '\nA\nB\n'],
  ['empty lines between', 'A\n\n\nB\n'],
  ['blank lines of spaces and tabs', ' \t \nA\n   \n\t\nB\n \n'],
  ['lines that end in \\r\\n', 'A\r\nB\r\n'],
  ['blank lines that end in \\r\\n', '\r\nA\r\n \r\n\r\nB\r\n'],
  ['spaces and tabs around an object', '  A \t\n\tB \r\n'],
  ['a byte order mark at the beginning', '\ufeffA\nB\n'],
  ['a byte order mark before a blank line', '\ufeff\r\n\nA\nB\n'],
  ['a byte order mark before spaces', '\ufeff \t A\r\nB\n'],
];

/** Returns one of the texts, with lines in place of its letters. */
export function oddText(text: string, a: string, b: string): string {
  return text.replace('A', () => a).replace('B', () => b);
}

/** The same texts as WebSocket messages: the first one has the byte order mark, and the bytes between lines are a message, too. */
export function oddMessages(text: string, a: string, b: string): string[] {
  return text.split(/(?<=\n)/).map((line) => oddText(line, a, b));
}
