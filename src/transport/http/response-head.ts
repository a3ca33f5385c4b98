/** The head of an answer; header names are in lower case. */
export interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Returns how long a server announces that it keeps a socket after an answer, in ms: `Keep-Alive: timeout=N`. Undefined
 * if it announces nothing.
 */
export function keepAliveMs(headers: Readonly<Record<string, string | string[] | undefined>>): number | undefined {
  const seconds = /(?:^|[,;\s])timeout\s*=\s*"?(\d+)/i.exec(String(headers['keep-alive'] ?? ''))?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}

/** The longest wait that is accepted, in ms: 24 hours. */
const LONGEST_MS = 86_400_000;

/**
 * Returns how long a server asks to wait, in ms: `retry-after-ms`, or the seconds of `Retry-After`, which may have a
 * fraction, or its date (RFC 9110, section 10.2.3). Never negative, at most 24 hours; undefined if it asks for no wait,
 * or in an unknown form.
 */
export function retryAfterMs(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  nowMs: number,
): number | undefined {
  const ms = numberOf(headers['retry-after-ms']);
  if (ms !== undefined) return bounded(ms);
  const seconds = numberOf(headers['retry-after']);
  if (seconds !== undefined) return bounded(seconds * 1_000);
  const date = dateOf(textOf(headers['retry-after']) ?? '');
  return date === undefined ? undefined : bounded(date - nowMs);
}

/**
 * Reads a date in one of HTTP's three forms, which all begin with a day of the week and are in GMT (RFC 9110, section
 * 5.6.7).
 */
function dateOf(text: string): number | undefined {
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d/.test(text)) return undefined;
  const date = Date.parse(/ (?:GMT|UTC|[+-]\d{4})$/.test(text) ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : date;
}

function textOf(header: string | string[] | undefined): string | undefined {
  return (Array.isArray(header) ? header[0] : header)?.trim();
}

function numberOf(header: string | string[] | undefined): number | undefined {
  const text = textOf(header);
  return text !== undefined && /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function bounded(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), LONGEST_MS);
}
