/** Formats a duration: `850 ms`, `12 s`, `3 m 20 s`, `2 h 5 m`. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor(seconds / 60) % 60} m`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor(seconds / 3_600) % 24} h`;
}

/** Formats the rest of a wait: it counts down to `1 s`, and is over before `0 s`. */
export function wholeSeconds(ms: number): string {
  return span(Math.ceil(ms / 1_000) * 1_000);
}

/** Formats how long ago something was: below a second, the number would change too often to be read. */
export function ago(ms: number): string {
  return ms < 1_000 ? '< 1 s' : span(ms);
}

/** Formats a latency with three digits: it is not more precise. */
export function latency(ms: number): string {
  if (ms === 0) return '–';
  return ms >= 100 ? Math.round(ms).toString() : ms.toPrecision(3);
}

/** Formats a time of day, to the second or the millisecond. */
export function clock(at: number, to: 's' | 'ms' = 's'): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString('en-GB');
  return to === 's' ? time : `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Formats a rate: `0`, `<0.1`, `4.2`, `1,240`. */
export function perSecond(rate: number): string {
  if (rate === 0) return '0';
  if (rate < 0.1) return '<0.1';
  return rate < 10 ? rate.toFixed(1).replace('.0', '') : Math.round(rate).toLocaleString('en');
}

/** Formats a share from 0 to 1 in percent. Rounds down, so that only all is `100 %`, and nothing but none is `0 %`. */
export function share(part: number): string {
  if (part > 0 && part < 0.01) return '<1 %';
  // A share is a quotient: 0.29 must not become 28 %.
  return `${Math.floor(part * 100 + 1e-9)} %`;
}
