import type { CiRow } from '../feed/records.js';
import type { Route, WindowChoice } from './route.js';
import { urgencyOf } from './states.js';
import { errorRateOf, errorShareOf, isInTrouble, type Trouble, urgencyOfTrouble } from './troubles.js';

/** All CIs, assessed at one time. Made at most once a second: with 5,000 CIs it is too much work for each frame. */
export interface Overview {
  readonly cis: ReadonlyMap<string, CiRow>;
  /** The CIs with a trouble. */
  readonly troubles: ReadonlyMap<string, Trouble>;
  /** The position of each CI by name. */
  readonly ranks: ReadonlyMap<string, number>;
}

/** The part of the route that chooses and sorts the CIs. */
export type ListChoice = Pick<Route, 'search' | 'sort' | 'states' | 'codes' | 'trouble' | 'window'>;

type Key = (ci: CiRow, overview: Overview, window: WindowChoice) => number;

/** The sort keys of the list. All put the usual question's answer first: the worst, the most, or the first name. */
export const ciSortKeys: Readonly<Record<string, Key>> = {
  trouble: (ci, { troubles }) => urgencyOfTrouble(troubles.get(ci.ci)),
  ci: () => 0,
  state: (ci) => urgencyOf(ci.state),
  errors: (ci) => -errorRateOf(ci),
  share: (ci) => -errorShareOf(ci),
  inFlight: (ci) => -ci.inFlight,
  waiting: (ci) => -ci.waiting,
  rate: (ci, _, window) => -rateOf(ci, window),
  p50: (ci, _, window) => -(ci.recent?.[window].p50 ?? 0),
  p99: (ci, _, window) => -(ci.recent?.[window].p99 ?? 0),
  lastError: (ci) => -(ci.lastError?.at ?? 0),
};

/** Returns the requests that ended per second in a window. */
export function rateOf({ recent }: Pick<CiRow, 'recent'>, window: WindowChoice): number {
  if (recent === undefined) return 0;
  const { seconds, succeeded, failed } = recent[window];
  return (succeeded + failed) / Math.max(1, seconds);
}

/** Returns the names of the chosen CIs in the chosen order; within one key by error share, then by name. */
export function listOf(overview: Overview, choice: ListChoice): string[] {
  const { cis, ranks } = overview;
  const isBackwards = choice.sort.startsWith('-');
  const key = ciSortKeys[isBackwards ? choice.sort.slice(1) : choice.sort] ?? (ciSortKeys.trouble as Key);
  const matches = matcherOf(choice);
  const keyed: { name: string; key: number; share: number; rank: number }[] = [];
  for (const [name, ci] of cis) {
    if (!matches(ci, overview.troubles.get(name))) continue;
    keyed.push({ name, key: key(ci, overview, choice.window), share: errorShareOf(ci), rank: ranks.get(name) ?? 0 });
  }
  const sign = isBackwards ? -1 : 1;
  // By name, the share has no say.
  const isByName = key === ciSortKeys.ci;
  keyed.sort((a, b) =>
    isByName ? sign * (a.rank - b.rank) : sign * (a.key - b.key) || b.share - a.share || a.rank - b.rank,
  );
  return keyed.map(({ name }) => name);
}

/** Returns the order to show while it is held: nothing moves or vanishes, and new CIs come last. */
export function heldOrder(
  before: readonly string[],
  sorted: readonly string[],
  cis: ReadonlyMap<string, CiRow>,
): string[] {
  const kept = before.filter((name) => cis.has(name));
  const known = new Set(kept);
  return [...kept, ...sorted.filter((name) => !known.has(name))];
}

/** Returns each name's position in the order of names, with numbers by their value: ci-2 before ci-10. */
export function ranksOf(names: Iterable<string>): Map<string, number> {
  return new Map([...names].sort(byName).map((name, index) => [name, index]));
}

/** Returns the number of CIs with each error code, the most frequent first. */
export function codesOf(cis: Iterable<CiRow>): [string, number][] {
  const counts = new Map<string, number>();
  for (const { failures } of cis) for (const code in failures) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

function matcherOf({ search, states, codes, trouble: isOnlyTrouble }: ListChoice) {
  const text = search.toLowerCase();
  return (ci: CiRow, trouble: Trouble | undefined): boolean =>
    (!isOnlyTrouble || isInTrouble(trouble)) &&
    (states.length === 0 || statesOf(ci).some((state) => states.includes(state))) &&
    (codes.length === 0 || codes.some((code) => Object.hasOwn(ci.failures, code))) &&
    (text === '' || hasText(ci, text));
}

/** Returns the states that the counts count: those of the connections, or the CI's own if it has none that counts. */
function statesOf({ state, connections }: CiRow): readonly string[] {
  return state === 'quarantined' || connections.length === 0 ? [state] : connections.map((one) => one.state);
}

function hasText({ ci, url, connections }: CiRow, text: string): boolean {
  return `${ci} ${url} ${connections.map(({ connection }) => connection).join(' ')}`.toLowerCase().includes(text);
}

/** Compares names, with numbers by their value: ci-2 before ci-10. */
export const byName = new Intl.Collator('en', { numeric: true }).compare;
