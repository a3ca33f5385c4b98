const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Matches letters of two columns: East Asian scripts, full-width forms, emoji. */
const wide =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u;

/** One letter as a reader sees it, and its width on a terminal. */
export interface Letter {
  readonly text: string;
  readonly columns: 1 | 2;
}

/** Splits a text into letters. */
export function lettersOf(text: string): readonly Letter[] {
  return Array.from(letters.segment(text), ({ segment }) => ({ text: segment, columns: wide.test(segment) ? 2 : 1 }));
}

/** Returns how many columns a text takes on a terminal. The text must have no line ends and no control characters. */
export function columnsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  return lettersOf(text).reduce((sum, { columns }) => sum + columns, 0);
}

/** Cuts a text to `width` columns. If it cuts anything, the text ends with `…`. */
export function clip(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let clipped = '';
  let left = width - 1;
  for (const letter of lettersOf(text)) {
    left -= letter.columns;
    if (left < 0) break;
    clipped += letter.text;
  }
  return `${clipped.trimEnd()}…`;
}
