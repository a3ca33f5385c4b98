import type { Recorded, TraceRecord } from '../feed/records.js';
import { Model } from './model.js';
import { upgraded } from './recording-v1.js';

/** The newest version of the format that this page reads. */
const VERSION = 2;

/**
 * Reads a recording: one record per line. Version 1 lacks the numbers of transitions; it is converted.
 *
 * @throws Error with a message for the user.
 */
export function parseRecording(text: string): Recorded[] {
  const records: Recorded[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const record = recordIn(line);
    if (record !== undefined) records.push(record);
    // The last line can be incomplete: the file is still being written, or was cut.
    else if (index < lines.length - 2) throw new Error(`line ${index + 1} is not a record`);
  }
  const [first] = records;
  if (first?.t !== 'hello') throw new Error('this is not a recording of Choragus: its first record must be "hello"');
  const version: number = first.version;
  if (version > VERSION)
    throw new Error(
      `its version is ${version}: this page reads versions 1 and ${VERSION}; open it with a newer Choragus`,
    );
  return version === 1 ? upgraded(records) : records;
}

function recordIn(line: string): Recorded | undefined {
  try {
    const { t, at } = JSON.parse(line);
    return typeof t === 'string' && Number.isFinite(at) ? JSON.parse(line) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns a state and the changes after it as the lines of a recording. Empty before the first `hello`. */
export function recordingOf(base: Model, changes: readonly Recorded[]): string[] {
  return [...stateOf(base), ...changes].map((record) => {
    if (record.t !== 'hello') return `${JSON.stringify(record)}\n`;
    const { csrf: _, ...greeting } = record;
    return `${JSON.stringify(greeting)}\n`;
  });
}

/** Returns the part of a recording between two times, which starts with the state at its beginning. */
export function partOf(records: readonly Recorded[], from: number, to: number): string[] {
  const base = new Model();
  const first = records.findIndex(({ t }) => t === 'ready') + 1;
  let begin = first;
  while (begin < records.length && (records[begin] as Recorded).at <= from) begin += 1;
  base.apply(records.slice(0, begin));
  base.at = Math.max(from, base.at);
  const later = records.slice(begin);
  const end = later.findIndex(({ at }) => at > to);
  return recordingOf(base, end < 0 ? later : later.slice(0, end));
}

/** Returns the records from which the state of a model can be read again. */
function stateOf(model: Model): Recorded[] {
  const { hello, at, pool, cis, histories, incidents, summary, actors, values, contexts } = model;
  if (hello === undefined) return [];
  // Newer than their CIs' rows: they must stay so, because an even newer row can follow.
  const moves = model.moves();
  const newest = new Map(moves.map((move) => [move.connection, move]));
  const pastOf = (connection: string) => {
    const last = newest.get(connection);
    return (histories.get(connection) ?? []).filter((past) => past.at !== last?.at || past.to !== last.to);
  };
  const rows = [...cis.values()].map((row) => ({
    ...row,
    connections: row.connections.map((one) => ({ ...one, history: pastOf(one.connection) })),
  }));
  const past = incidents.items.map(({ t: _, ...incident }) => incident);
  return [
    { ...hello, version: VERSION, at, pool, incidents: past, cis: rows.length },
    { t: 'cis', at, isFirst: true, rows, left: 0 },
    ...(summary === undefined ? [] : [{ ...summary, at, rows: [] }]),
    ...[...actors.values()].map((actor) => ({ ...actor, at })),
    ...[...values].map(([key, value], index) => initialOf(key, -1 - index, value, contexts.get(key), at)),
    ...moves,
    { t: 'ready', at },
  ];
}

/** Returns the state of a traced machine as its trace begins. The trace's own records are numbered from 0. */
function initialOf(key: string, seq: number, value: unknown, context: unknown, at: number): TraceRecord {
  const [root = '', to = ''] = key.split(' ');
  return { t: 'trace', at, seq, root, kind: 'state', to, type: '', value, context, isInitial: true };
}
