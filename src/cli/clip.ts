import { columnsOf, lettersOf } from './columns-of.js';

/** Cuts a text to so many columns. If anything is cut, the last of them shows `…`. */
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
