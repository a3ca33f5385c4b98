import { columnsOf, lettersOf } from './columns.js';

/**
 * Breaks a text into lines of at most `width` columns, between words. Keeps line ends and the indent of each line. Keeps a word that is too
 * long whole, so that a URL can be copied. Breaks anywhere between letters of two columns: their scripts have no spaces.
 */
export function wrappedLines(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapped(line.trimEnd(), width));
}

function wrapped(line: string, width: number): string[] {
  if (columnsOf(line) <= width) return [line];
  const [own = ''] = /^\s*/.exec(line) ?? [];
  const indent = own.length > width / 2 ? '' : own;
  const lines: string[] = [];
  let current = '';
  let blank = '';
  for (const piece of line.trim().split(/(\s+)/)) {
    if (piece.trim() === '') {
      blank = piece;
      continue;
    }
    for (const part of unbreakable(piece)) {
      if (current !== '' && columnsOf(indent + current + blank + part) > width) {
        lines.push(indent + current);
        current = part;
      } else current += blank + part;
      blank = '';
    }
  }
  return [...lines, indent + current];
}

/** Returns the parts of a word that stay whole: each letter of two columns, and the text between such letters. */
function unbreakable(word: string): string[] {
  if (/^[\x20-\x7e]*$/.test(word)) return [word];
  const parts: string[] = [];
  let before: 1 | 2 = 2;
  for (const { text, columns } of lettersOf(word)) {
    if (columns === 2 || before === 2) parts.push(text);
    else parts[parts.length - 1] += text;
    before = columns;
  }
  return parts;
}
