import type { ConnectionRow } from '../../../feed/records.js';

/** Texts for how a connection's peer matches replies to requests. */
export const correlations: Readonly<Record<ConnectionRow['correlation'], string>> = {
  ordered: 'in order',
  byId: 'by id',
};

/** Returns the number of connections in each state: `none`, `1 healthy`, `2 healthy, 1 reconnecting`. */
export function countsText(connections: readonly ConnectionRow[]): string {
  if (connections.length === 0) return 'none';
  const counts = new Map<string, number>();
  for (const { state } of connections) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count.toLocaleString('en')} ${state}`).join(', ');
}
