import { model } from '../session.js';
import type { ListRow } from './ci-rows.js';

/** What the keys of the list do. */
export interface ListKeys {
  readonly rows: readonly ListRow[];
  /** Position of the chosen row; -1 if none is chosen. */
  readonly at: number;
  readonly open: ReadonlySet<string>;
  /** Number of rows that are visible at once. */
  readonly page: number;
  /** Chooses the row at a position. */
  moveTo(index: number): void;
  /** Shows or hides a CI's connections. */
  toggle(ci: string): void;
  /** Opens the chosen row: the pane of a CI, the statechart of a connection. */
  enter(row: ListRow): void;
  /** Chooses no row. */
  leave(): void;
}

/** Handles a key of a treegrid. Returns false if the key means nothing here. */
export function handleListKey(key: string, list: ListKeys): boolean {
  const { rows, at, page } = list;
  const row = rows[at];
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: rows.length - 1,
  };
  const target = steps[key];
  if (target !== undefined) list.moveTo(target);
  else if (key === 'Escape') list.leave();
  else if (row === undefined) return false;
  else if (key === 'ArrowRight') right(row, list);
  else if (key === 'ArrowLeft') left(row, list);
  else if (key === 'Enter') list.enter(row);
  else return false;
  return true;
}

/** Shows the connections of a CI; if they are shown, goes to the first. */
function right({ ci, connection }: ListRow, { open, at, toggle, moveTo }: ListKeys): void {
  if (connection !== '' || (model.cis.get(ci)?.connections.length ?? 0) === 0) return;
  if (open.has(ci)) moveTo(at + 1);
  else toggle(ci);
}

/** Goes from a connection to its CI; hides the connections of a CI. */
function left({ ci, connection }: ListRow, { open, rows, toggle, moveTo }: ListKeys): void {
  if (connection !== '') moveTo(rows.findIndex((row) => row.ci === ci));
  else if (open.has(ci)) toggle(ci);
}
