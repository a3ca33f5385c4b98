const lineEnd = /\r\n?|[\p{Zl}\p{Zp}]/gu;
const controls = /[^\P{Cc}\n]|\p{Bidi_Control}/gu;

/** A CI's text without control characters: it must not steer the terminal that it is shown on. Line ends stay. */
export function printable(text: string): string {
  return text.replace(lineEnd, '\n').replace(controls, ' ');
}

/** The first line of a text that says anything, printable. */
export function firstLine(text: string): string {
  return printable(text).trim().split('\n', 1)[0] ?? '';
}
