import type { CiRow, ConnectionRow } from '../../feed/records.js';

/** A row of the list: a CI, or a connection of an open CI. */
export interface ListRow {
  readonly ci: string;
  /** Empty for the CI itself. */
  readonly connection: string;
}

/** Returns the rows of the list: each CI, and below an open one its connections. */
export function rowsOf(
  names: readonly string[],
  open: ReadonlySet<string>,
  cis: ReadonlyMap<string, CiRow>,
): readonly ListRow[] {
  const rows: ListRow[] = [];
  for (const ci of names) {
    rows.push({ ci, connection: '' });
    if (open.size === 0 || !open.has(ci)) continue;
    for (const { connection } of connectionsOf(cis.get(ci))) rows.push({ ci, connection });
  }
  return rows;
}

/** Returns the row's connection; `undefined` for a CI, or if it is gone. */
export function connectionOf(row: ListRow, ci: CiRow | undefined): ConnectionRow | undefined {
  return ci?.connections.find(({ connection }) => connection === row.connection);
}

function connectionsOf(ci: CiRow | undefined): readonly ConnectionRow[] {
  return ci?.connections ?? [];
}
