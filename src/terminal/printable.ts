const lineEnd = /\r\n?|[\p{Zl}\p{Zp}]/gu;
const controls = /[^\P{Cc}\n]|\p{Bidi_Control}/gu;

/** Removes control characters from a CI's text, so that it cannot control the terminal. Keeps line ends. */
export function printable(text: string): string {
  return text.replace(lineEnd, '\n').replace(controls, ' ');
}

/** Returns the first line that is not blank, without control characters. */
export function firstLine(text: string): string {
  return printable(text).trim().split('\n', 1)[0] ?? '';
}
