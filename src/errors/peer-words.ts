/** The longest piece of a peer's own text that an error shows, in characters. */
const MAX_WORDS = 500;

/**
 * Makes a peer's text fit for an error message: control characters, which could act on a terminal, become spaces, white space is folded,
 * and what is longer than `most` is cut.
 *
 * @param most - In characters. Default: 500.
 */
export function peerWords(text: string, most = MAX_WORDS): string {
  // Cut first, so that a text of megabytes costs no more than a short one; white space can take up to half of it.
  const words = text
    .slice(0, most * 4)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return words.slice(0, most);
}
