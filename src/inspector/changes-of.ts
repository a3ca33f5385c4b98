import type { CiChange, CiRow, ConnectionRow } from './records.js';

/** What of a row differs from what is known; the whole of it where nothing is known, `undefined` where nothing differs. */
export function changesOf(known: CiRow | undefined, row: CiRow): CiChange | undefined {
  if (known === undefined) return row;
  const changes: Record<string, unknown> = { ci: row.ci };
  let isSame = true;
  for (const key in row) {
    const name = key as keyof CiRow;
    if (row[name] === known[name] || isSameInside(name, row, known)) continue;
    changes[name] = row[name];
    isSame = false;
  }
  return isSame ? undefined : (changes as CiChange);
}

/** The two fields that hold more than a text or a number. */
function isSameInside(name: keyof CiRow, one: CiRow, other: CiRow): boolean {
  if (name === 'lastError') return one.lastError?.at === other.lastError?.at;
  if (name !== 'connections' || one.connections.length !== other.connections.length) return false;
  return one.connections.every((connection, index) => hasSameFields(connection, other.connections[index]));
}

function hasSameFields(one: ConnectionRow, other: ConnectionRow | undefined): boolean {
  if (other === undefined) return false;
  for (const key in one) if (one[key as keyof ConnectionRow] !== other[key as keyof ConnectionRow]) return false;
  return true;
}
