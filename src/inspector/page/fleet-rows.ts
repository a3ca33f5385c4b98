import type { CiRow, ConnectionRow } from '../feed/records.js';
import { byName } from './ci-list.js';
import type { Model } from './model.js';
import type { Route } from './route.js';
import { type State, urgencyOf } from './states.js';

/** A row of the fleet: a connection with its CI, or a CI without connections. */
export interface FleetRow {
  readonly ci: CiRow;
  readonly connection: ConnectionRow | undefined;
  readonly state: State;
}

type Key = (row: FleetRow) => number | string;

/** The sort keys of the table. */
export const sortKeys: Readonly<Record<string, Key>> = {
  ci: ({ ci }) => ci.ci,
  connection: ({ ci, connection }) => connection?.connection ?? ci.ci,
  state: ({ state }) => urgencyOf(state),
  since: ({ ci, connection }) => (connection ?? ci).since,
  inFlight: ({ ci, connection }) => (connection ?? ci).inFlight,
  waiting: ({ ci }) => ci.waiting,
  p50: ({ ci }) => ci.p50,
  p99: ({ ci }) => ci.p99,
  reuse: ({ ci }) => ci.reuse,
  late: ({ ci }) => ci.late,
  lastError: ({ ci }) => ci.lastError?.at ?? 0,
};

export function allRows(model: Model): FleetRow[] {
  return [...model.cis.values()].flatMap((ci): FleetRow[] => {
    if (ci.state === 'quarantined' || ci.connections.length === 0) {
      return [{ ci, connection: undefined, state: ci.state }];
    }
    return ci.connections.map((connection) => ({ ci, connection, state: connection.state }));
  });
}

/** Returns the rows that match the route's filters, in the route's order. */
export function shownRows(
  rows: readonly FleetRow[],
  { search, states, sort }: Pick<Route, 'search' | 'states' | 'sort'>,
): FleetRow[] {
  const text = search.toLowerCase();
  const isShown = ({ ci, connection, state }: FleetRow): boolean =>
    (states.length === 0 || states.includes(state)) &&
    (text === '' || `${ci.ci} ${connection?.connection ?? ''} ${ci.url}`.toLowerCase().includes(text));
  const descends = sort.startsWith('-');
  const key = sortKeys[descends ? sort.slice(1) : sort] ?? (sortKeys.ci as Key);
  return rows.filter(isShown).sort((a, b) => compare(key(a), key(b)) * (descends ? -1 : 1));
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'string' && typeof b === 'string') return byName(a, b);
  return Number(a) - Number(b);
}
