/** The longest wait that is believed, in ms: a day. */
const LONGEST_MS = 86_400_000;

/**
 * How long a server asks to wait, in ms: `retry-after-ms`, or the seconds of `Retry-After`, which may have a fraction, or its date (RFC 9110,
 * section 10.2.3). Never negative, at most 24 hours; undefined where it does not say, or says nothing that can be read.
 */
export function retryAfterMs(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  nowMs: number,
): number | undefined {
  const ms = numberOf(headers['retry-after-ms']);
  if (ms !== undefined) return bounded(ms);
  const seconds = numberOf(headers['retry-after']);
  if (seconds !== undefined) return bounded(seconds * 1_000);
  const date = Date.parse(textOf(headers['retry-after']) ?? '');
  return Number.isNaN(date) ? undefined : bounded(date - nowMs);
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
