/** The longest part of a peer's own text that an error shows, in characters. */
const MAX_WORDS = 500;

/**
 * Makes a peer's text safe for an error message: replaces control characters, which could act on a terminal, by spaces,
 * folds white space, and cuts the text at `most`.
 *
 * @param most - In characters. Default: 500.
 */
export function peerWords(text: string, most = MAX_WORDS): string {
  // Cut first, so that megabytes cost no more than a short text. Most of what is kept can be white space.
  const words = text
    .slice(0, most * 4)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return words.slice(0, most);
}
