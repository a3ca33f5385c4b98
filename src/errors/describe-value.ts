/** The longest piece of a text that a message shows, in characters. */
const MAX_SHOWN = 40;

/**
 * Describes any value in a few words, for the message of an error. Never throws, and never shows what an object holds. A text with an `@`
 * is not shown: in a URL, a password can stand before it.
 */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return value.includes('@') ? 'a text with an @' : JSON.stringify(shorten(value));
  if (typeof value === 'bigint') return `${shorten(String(value))}n`;
  if (typeof value === 'symbol' || typeof value === 'function') return `a ${typeof value}`;
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  return isList(value) ? 'a list' : 'an object';
}

function isList(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    // A proxy that was revoked.
    return false;
  }
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
