/** Formats a duration: `850 ms`, `12 s`, `3 m 20 s`, `2 h 5 m`. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor(seconds / 60) % 60} m`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor(seconds / 3_600) % 24} h`;
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
