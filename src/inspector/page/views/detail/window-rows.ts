import type { CiRow, Window, WindowName } from '../../../feed/records.js';
import { ago, latency, perSecond, share } from '../../spans.js';

/** A row of the table of windows: texts only. */
export interface WindowRow {
  readonly title: string;
  /** `42 s so far` if the window covers less than its length, `covers 42 s` if more; otherwise empty. */
  readonly note: string;
  readonly requests: string;
  readonly errors: string;
  readonly share: string;
  readonly rate: string;
  readonly p50: string;
  readonly p99: string;
}

const NOTHING = '–';
/** A window is made of slots: up to this share of its length, it counts as whole. */
const INEXACT = 0.2;
const MILLION = 1_000_000;

const windows: readonly { readonly name: WindowName; readonly title: string; readonly seconds: number }[] = [
  { name: 's30', title: 'last 30 s', seconds: 30 },
  { name: 'm1', title: 'last 1 min', seconds: 60 },
  { name: 'm5', title: 'last 5 min', seconds: 300 },
  { name: 'h1', title: 'last 1 h', seconds: 3_600 },
];

/** Returns a row for each window; none if no request has ended within the last hour. */
export function windowRows({ recent }: Pick<CiRow, 'recent'>): WindowRow[] {
  if (recent === undefined) return [];
  return windows.map(({ name, title, seconds: length }) => {
    const window = recent[name];
    const { seconds, succeeded, failed } = window;
    return {
      title,
      note: noteOf(seconds, length),
      rate: perSecond((succeeded + failed) / Math.max(1, seconds)),
      ...numbersOf(window),
    };
  });
}

/** Returns the row since the start. It has no rate: the feed does not say when a CI was added. */
export function sinceStart(ci: Pick<CiRow, 'succeeded' | 'failed' | 'p50' | 'p99'>): WindowRow {
  return { title: 'since the start', note: '', rate: NOTHING, ...numbersOf(ci) };
}

/** Formats a count: exactly below a million, then `36.2M`. */
export function count(number: number): string {
  return number < MILLION ? number.toLocaleString('en') : compact.format(number);
}

function noteOf(seconds: number, length: number): string {
  if (seconds < length * (1 - INEXACT)) return `${ago(seconds * 1_000)} so far`;
  return seconds > length * (1 + INEXACT) ? `covers ${ago(seconds * 1_000)}` : '';
}

function numbersOf({ succeeded, failed, p50, p99 }: Omit<Window, 'seconds'>) {
  const all = succeeded + failed;
  return {
    requests: count(all),
    errors: count(failed),
    share: all === 0 ? NOTHING : share(failed / all),
    p50: latency(p50),
    p99: latency(p99),
  };
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
