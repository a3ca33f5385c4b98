/** A number that JSON has not, where it stands. */
export interface NonFinite {
  readonly token: string;
  /** In characters, from 0. */
  readonly position: number;
}

/** A string, which is left alone, or such a number. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * A text with `null` in place of `NaN`, `Infinity` and `-Infinity`, which Python's `json.dumps` writes and JSON has not (RFC 8259, section
 * 6), and the first of them; none where there is none.
 */
export function withoutNonFinite(text: string): { readonly json: string; readonly first: NonFinite | undefined } {
  let first: NonFinite | undefined;
  const json = text.replace(STRING_OR_NUMBER, (token, position: number) => {
    if (token.startsWith('"')) return token;
    first ??= { token, position };
    return 'null';
  });
  return { json, first };
}
