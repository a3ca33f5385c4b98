import type { CiStatus, PoolSnapshot } from '../contract/index.js';
import { clip, columnsOf } from '../terminal/columns.js';
import { printable } from '../terminal/printable.js';
import type { Style } from '../terminal/screen.js';
import { measured, set } from '../terminal/seconds.js';

const stateWidth = 'reconnecting'.length;
const leastNameWidth = 11;
const gap = '  ';

/** The size of the table, and its colours. */
export interface TableSpace {
  readonly columns: number;
  readonly rows: number;
  readonly style: Style;
}

/** Returns true if a CI's connection is up. */
export function isUp({ state }: CiStatus): boolean {
  return state === 'healthy' || state === 'degraded';
}

/** Returns a CI's state as a line: name, state, address and note. */
export function statusLine(ci: CiStatus, nameWidth: number, style: Style): string {
  const paint = ci.state === 'healthy' ? style.good : style.bad;
  return [style.name(ci.ci.padEnd(nameWidth)), paint(ci.state.padEnd(stateWidth)), ci.url, style.faint(noteOf(ci))]
    .join(gap)
    .trimEnd();
}

/** Returns the width of the names' column. */
export function nameWidthOf(cis: readonly CiStatus[]): number {
  return Math.max(leastNameWidth, ...cis.map(({ ci }) => ci.length));
}

/**
 * Returns the lines of the live table. No line is wider than the space. If there are more CIs than rows, the CIs that are down come first,
 * and a last line shows how many are hidden.
 */
export function statusTable(snapshot: PoolSnapshot, space: TableSpace): string[] {
  const all = Object.values(snapshot.cis);
  const { style } = space;
  const width = Math.max(space.columns - 1, 1);
  // Three more lines: the head, the sum and the line with the cursor.
  const room = Math.max(space.rows - 3, 1);
  const isCut = all.length > room;
  const order = isCut ? [...all.filter((ci) => !isUp(ci)), ...all.filter(isUp)] : all;
  const shown = order.slice(0, isCut ? Math.max(room - 1, 1) : room);
  const nameWidth = Math.min(nameWidthOf(shown), Math.max(leastNameWidth, Math.floor(width / 3)));
  const head = [pad('CI', nameWidth), 'state'.padEnd(stateWidth), 'for'.padStart(7), 'address'].join(gap);
  const rows = shown.map((ci) => rowOf(ci, { nameWidth, width, style, nowMs: snapshot.at }));
  const cut = isCut ? [style.faint(clip(`and ${all.length - shown.length} more`, width))] : [];
  const sum = `${all.filter(isUp).length} of ${all.length} up`;
  return [style.faint(clip(head, width)), ...rows, ...cut, style.faint(clip(sum, width))];
}

interface RowSpace {
  readonly nameWidth: number;
  readonly width: number;
  readonly style: Style;
  readonly nowMs: number;
}

function rowOf(ci: CiStatus, { nameWidth, width, style, nowMs }: RowSpace): string {
  const paint = ci.state === 'healthy' ? style.good : style.bad;
  const age = ageOf(Math.max(nowMs - ci.since, 0)).padStart(7);
  const cells: readonly [text: string, paint: (text: string) => string][] = [
    [pad(ci.ci, nameWidth), style.name],
    [ci.state.padEnd(stateWidth), paint],
    [age, (text) => text],
    [ci.url, (text) => text],
    [noteOf(ci), style.faint],
  ];
  let left = width;
  let row = '';
  for (const [text, paintCell] of cells) {
    const space = row === '' ? '' : gap;
    if (text === '' || left <= space.length) continue;
    const cell = clip(text, left - space.length);
    row += space + paintCell(cell);
    left -= space.length + columnsOf(cell);
  }
  return row;
}

/** Returns how long the connect took. For a CI that is down: the reason, and when the next dial is. */
function noteOf(ci: CiStatus): string {
  if (isUp(ci)) return `connected in ${measured(ci.metrics.connectMs.p50)}`;
  const why = (ci.lastError?.message ?? '').replace(/^\[\w+\] /, '');
  const delayMs = Math.max(0, ...ci.connections.map((connection) => connection.delayMs));
  return printable(
    [why, delayMs > 0 ? `again within ${set(Math.ceil(delayMs / 100) * 100)}` : ''].filter(Boolean).join('; '),
  );
}

function pad(text: string, width: number): string {
  return clip(text, width).padEnd(width);
}

/** Formats an age: `12 s`, `3 min`, `5 h`, `2 d`. */
function ageOf(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`;
}
