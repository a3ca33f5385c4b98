import type { Recorded } from '../feed/records.js';

/**
 * Converts a recording of version 1: numbers its transitions in their order. Transitions that the whole state contains
 * already get no new number, so that they are dropped.
 */
export function upgraded(records: readonly Recorded[]): Recorded[] {
  const contained = new Set<string>();
  let seq = 0;
  return records.map((record): Recorded => {
    switch (record.t) {
      case 'hello':
        return { ...record, version: 2, instance: '', cis: 0 };
      case 'cis':
        for (const { connections } of record.rows)
          for (const { connection, history = [] } of connections)
            for (const { at, to } of history) contained.add(`${connection} ${at} ${to}`);
        return { ...record, rows: record.rows.map((row) => ({ ...row, seq })) };
      case 'summary':
        return { ...record, rows: record.rows.map((row) => ({ ...row, seq })) };
      case 'transition':
        if (!contained.has(`${record.connection} ${record.at} ${record.to}`)) seq += 1;
        return { ...record, seq };
      default:
        return record;
    }
  });
}
