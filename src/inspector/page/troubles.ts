import type { CiRow, ConnectionRow } from '../feed/records.js';
import { ago, clock, perSecond, share, span, wholeSeconds } from './spans.js';

/** From this share of failed requests in the last 30 s, a CI is failing: a warning, and bad. */
const SOME_FAIL = 0.05;
const MOST_FAIL = 0.5;
/** From this time without a usable connection, in ms, a CI is in trouble, also if no dial has failed yet. */
const UNLINKED_MS = 1_000;
/** From this time without any answer, in ms, a CI with requests in flight is in trouble. */
const UNANSWERED_MS = 10_000;

/**
 * What is wrong with a CI, the worst first. `unlinked`: it has had no usable connection for 1 s, and no dial has failed yet. `unsteady`: a
 * connection is not up, but the CI has no trouble yet.
 */
export const troubleKinds = [
  'quarantined',
  'down',
  'failing',
  'unlinked',
  'unanswered',
  'failing some',
  'degraded',
  'unsteady',
] as const;
export type TroubleKind = (typeof troubleKinds)[number];

/** Says how bad a trouble is. `note` is none yet: it sorts before the healthy CIs, and is not counted. */
export type Severity = 'bad' | 'warning' | 'note';

/** Describes the trouble of one CI: its worst kind, and a text for each kind that applies. */
export interface Trouble {
  readonly kind: TroubleKind;
  readonly severity: Severity;
  /** The texts, the worst first: `down since 12:03:04, 14 attempts, next dial in 3 s`. */
  readonly texts: readonly string[];
}

/** Describes one trouble of a CI in a sentence that has room, for the details of the CI. */
export interface TroubleLine {
  readonly kind: TroubleKind;
  readonly severity: Severity;
  /** The text: `down since 12:03:04 (2 m 3 s), 14 attempts, next dial in 3 s`. */
  readonly text: string;
}

/** Returns the trouble of a CI at a time; `undefined` if there is none. */
export function troubleOf(ci: CiRow, at: number): Trouble | undefined {
  const found = checks.flatMap(({ kind, applies, text }) => (applies(ci, at) ? [{ kind, text: text(ci, at) }] : []));
  const worst = found[0];
  if (worst === undefined) return undefined;
  return { kind: worst.kind, severity: severities[worst.kind], texts: found.map(({ text }) => text) };
}

/** Returns a line for each trouble of a CI at a time, the worst first. */
export function troubleLinesOf(ci: CiRow, at: number): TroubleLine[] {
  return checks.flatMap(({ kind, applies, text, line = text }) =>
    applies(ci, at) ? [{ kind, severity: severities[kind], text: line(ci, at) }] : [],
  );
}

/** Returns the sort position of a CI: the worst trouble first. Down and quarantined CIs share a position. */
export function urgencyOfTrouble(trouble: Trouble | undefined): number {
  if (trouble === undefined) return troubleKinds.length;
  return trouble.kind === 'quarantined' ? 1 : troubleKinds.indexOf(trouble.kind);
}

/** True if a trouble counts: the title, the favicon and the filter show those. */
export function isInTrouble(trouble: Trouble | undefined): boolean {
  return trouble !== undefined && trouble.severity !== 'note';
}

/** Returns the share of the requests of the last 30 s that failed: 0 to 1. */
export function errorShareOf({ recent }: Pick<CiRow, 'recent'>): number {
  if (recent === undefined) return 0;
  const { succeeded, failed } = recent.s30;
  return failed === 0 ? 0 : failed / (succeeded + failed);
}

/** Returns the failed requests per second in the last 30 s. */
export function errorRateOf({ recent }: Pick<CiRow, 'recent'>): number {
  return recent === undefined ? 0 : recent.s30.failed / Math.max(1, recent.s30.seconds);
}

/** Returns the rest of a connection's backoff in ms; `undefined` if it waits for no dial. */
export function backoffLeftMs({ state, since, delayMs }: ConnectionRow, at: number): number | undefined {
  if (state !== 'reconnecting' || delayMs <= 0) return undefined;
  return Math.min(delayMs, Math.max(0, since + delayMs - at));
}

/** Returns the time until the next dial in ms; `undefined` if no connection waits for one. */
export function nextDialMs({ connections }: CiRow, at: number): number | undefined {
  const waits = connections.map((connection) => backoffLeftMs(connection, at)).filter((left) => left !== undefined);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** Says when the next dial starts. `waitMs` is the rest of the backoff. */
export function nextDialText(waitMs: number): string {
  // A dial can start later than its backoff ends: the pool limits the number of dials at a time.
  return waitMs === 0 ? 'dial due' : `next dial in ${wholeSeconds(waitMs)}`;
}

/** Returns when a CI lost its last connection; `undefined` if it has one. Old recordings say so only by the state. */
export function downSinceOf({ downSince, state, since }: CiRow): number | undefined {
  return downSince ?? (state === 'reconnecting' ? since : undefined);
}

const severities: Readonly<Record<TroubleKind, Severity>> = {
  quarantined: 'bad',
  down: 'bad',
  failing: 'bad',
  unlinked: 'warning',
  unanswered: 'warning',
  'failing some': 'warning',
  degraded: 'warning',
  unsteady: 'note',
};

interface Check {
  readonly kind: TroubleKind;
  readonly applies: (ci: CiRow, at: number) => boolean;
  readonly text: (ci: CiRow, at: number) => string;
  /** The text for the details of the CI, if it is another one. */
  readonly line?: (ci: CiRow, at: number) => string;
}

const failingText = (ci: CiRow): string => `failing ${share(errorShareOf(ci))} (${perSecond(errorRateOf(ci))}/s)`;
const isDown = (ci: CiRow): boolean => ci.state !== 'quarantined' && downSinceOf(ci) !== undefined;

/** In the order of {@link troubleKinds}. */
const checks: readonly Check[] = [
  {
    kind: 'quarantined',
    applies: ({ state }) => state === 'quarantined',
    text: ({ since }) => `quarantined since ${clock(since)}: it crashed too often`,
    line: ({ since }, at) => `quarantined since ${sinceText(since, at)}: it crashed too often`,
  },
  {
    kind: 'down',
    applies: isDown,
    text: (ci, at) => downText(ci, at, clock(downSinceOf(ci) ?? ci.since)),
    line: (ci, at) => downText(ci, at, sinceText(downSinceOf(ci) ?? ci.since, at)),
  },
  { kind: 'failing', applies: (ci) => errorShareOf(ci) >= MOST_FAIL, text: failingText },
  {
    kind: 'unlinked',
    applies: isUnlinked,
    text: ({ state, since }, at) => `${state} for ${span(at - since)}`,
  },
  {
    kind: 'unanswered',
    applies: ({ unansweredSince }, at) => unansweredSince !== undefined && at - unansweredSince >= UNANSWERED_MS,
    text: ({ unansweredSince = 0 }, at) => `no answer for ${span(at - unansweredSince)}`,
  },
  {
    kind: 'failing some',
    applies: (ci) => errorShareOf(ci) >= SOME_FAIL && errorShareOf(ci) < MOST_FAIL,
    text: failingText,
  },
  {
    kind: 'degraded',
    applies: ({ state }) => state === 'degraded',
    text: ({ since }, at) => `degraded for ${span(at - since)}`,
  },
  {
    kind: 'unsteady',
    applies: (ci, at) => !isDown(ci) && !isUnlinked(ci, at) && unsteadyOf(ci).length > 0,
    text: unsteadyText,
  },
];

/** True if a CI is dialled for some time and has no other connection that is usable. */
function isUnlinked(ci: CiRow, at: number): boolean {
  return ci.state === 'connecting' && !isDown(ci) && at - ci.since >= UNLINKED_MS;
}

/** Returns a time of day and how long ago it was. */
function sinceText(since: number, at: number): string {
  return `${clock(since)} (${ago(at - since)})`;
}

function downText(ci: CiRow, at: number, since: string): string {
  const parts = [`down since ${since}`, attemptsText(ci.attempt)];
  const waitMs = nextDialMs(ci, at);
  if (ci.connections.some(({ state }) => state === 'connecting')) parts.push('dialling now');
  else if (waitMs !== undefined) parts.push(nextDialText(waitMs));
  return parts.filter((part) => part !== '').join(', ');
}

function attemptsText(attempts: number): string {
  return attempts === 0 ? '' : `${attempts.toLocaleString('en')} ${attempts === 1 ? 'attempt' : 'attempts'}`;
}

/** Returns the connections that are not up, although they should be. A degraded CI says so itself. */
function unsteadyOf({ state: own, connections }: CiRow): CiRow['connections'] {
  return connections.filter(
    ({ state }) => ['connecting', 'reconnecting'].includes(state) || (state === 'degraded' && own !== 'degraded'),
  );
}

function unsteadyText(ci: CiRow): string {
  const all = ci.connections.length;
  const states = new Map<string, number>();
  for (const { state } of unsteadyOf(ci)) states.set(state, (states.get(state) ?? 0) + 1);
  const parts = [...states].map(([state, count]) => (all === 1 ? state : `${count} of ${all} connections ${state}`));
  return parts.join(', ');
}
