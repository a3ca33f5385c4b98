import type { CiRow } from '../../../feed/records.js';

/** The failed requests of a CI with one error code. */
export interface FailureRow {
  readonly code: string;
  readonly count: number;
  /** Their share of all failed requests: 0 to 1. */
  readonly part: number;
}

/** Returns the error codes of a CI, the most frequent first. */
export function failureRows({ failures }: Pick<CiRow, 'failures'>): FailureRow[] {
  const all = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return Object.entries(failures)
    .filter(([, count]) => count > 0)
    .map(([code, count]) => ({ code, count, part: count / all }))
    .sort((a, b) => b.count - a.count || a.code.localeCompare(b.code));
}
