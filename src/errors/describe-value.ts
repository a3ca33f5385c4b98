/** The longest part of a string that a message shows, in characters. */
const MAX_SHOWN = 40;

/**
 * Describes any value in a few words, for an error message. Never throws, and never shows the fields of an object. A
 * string that contains an `@` is not shown: in a URL, a password can precede it.
 */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return value.includes('@') ? 'a string with an @' : JSON.stringify(shorten(value));
  if (typeof value === 'bigint') return `${shorten(String(value))}n`;
  if (typeof value === 'symbol' || typeof value === 'function') return `a ${typeof value}`;
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  return isList(value) ? 'a list' : 'an object';
}

function isList(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    // A revoked proxy.
    return false;
  }
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
