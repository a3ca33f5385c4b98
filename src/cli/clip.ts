const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Cuts a text to so many letters, the last of which is `…` where anything was cut. */
export function clip(text: string, width: number): string {
  const parts = Array.from(letters.segment(text), ({ segment }) => segment);
  if (parts.length <= width) return text;
  return `${parts
    .slice(0, Math.max(width - 1, 0))
    .join('')
    .trimEnd()}…`;
}
