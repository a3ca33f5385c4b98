import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { go, route } from '../route.js';
import { look, model } from '../session.js';
import { useMedia } from '../use-media.js';
import { CiListHead } from './ci-list-head.js';
import { CiListRow } from './ci-list-row.js';
import { type ListRow, rowsOf } from './ci-rows.js';
import { focusDetail } from './detail/close-detail.js';
import { handleListKey } from './list-keys.js';

/** The height of a row in px: one line, or two on a phone. The style sheet has the same. */
const ROW_PX = 28;
const PHONE_ROW_PX = 56;
/** Extra rows above and below the visible ones, so that none is missing while scrolling. */
const SPARE = 8;
const NO_ROW: ListRow = { ci: '', connection: '' };

interface CiListProps {
  readonly names: readonly string[];
  readonly onPointer: (isOver: boolean) => void;
  /** Called when a key has moved the cursor. */
  readonly onKey: () => void;
}

/** Shows a row for each CI, and its connections below it if it is open. Renders only the visible rows. */
export function CiListView({ names, onPointer, onKey }: CiListProps): JSX.Element {
  const { cis } = look();
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  // Signals: two keys can arrive within one frame, before the list is drawn again.
  const opened = useSignal<ReadonlySet<string>>(new Set());
  const chosenRow = useSignal(NO_ROW);
  const rowPx = useMedia('(max-width: 700px)') ? PHONE_ROW_PX : ROW_PX;
  const place = () => placeOf(names, opened.value, chosenRow.value);
  const { rows, at } = place();
  const open = opened.value;

  const show = (index: number): void => {
    const node = box.current;
    if (node === null || index < 0) return;
    const head = node.querySelector<HTMLElement>('.head')?.offsetHeight ?? 0;
    if (index * rowPx < node.scrollTop) node.scrollTop = index * rowPx;
    else if ((index + 1) * rowPx + head > node.scrollTop + node.clientHeight)
      node.scrollTop = (index + 1) * rowPx + head - node.clientHeight;
  };
  const choose = (row: ListRow, how: 'step' | 'replace'): void => {
    const connection = row.connection || (cis.get(row.ci)?.connections[0]?.connection ?? '');
    chosenRow.value = row;
    go({ ci: row.ci, connection }, how);
  };
  const toggle = (ci: string): void => {
    const next = new Set(opened.value);
    if (!next.delete(ci)) next.add(ci);
    opened.value = next;
  };
  const moveTo = (index: number): void => {
    const { rows: all } = place();
    const next = Math.max(0, Math.min(index, all.length - 1));
    const row = all[next];
    if (row === undefined) return;
    onKey();
    choose(row, 'replace');
    show(next);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(height / rowPx) - 2);
    const leave = (): void => go({ ci: '' });
    if (handleListKey(event.key, { ...place(), open: opened.value, page, moveTo, toggle, enter, leave }))
      event.preventDefault();
  };
  useEffect(() => {
    const node = box.current as HTMLDivElement;
    const watch = new ResizeObserver(() => setHeight(node.clientHeight));
    watch.observe(node);
    return () => watch.disconnect();
  }, []);
  // A link can name a CI that is far down.
  const isThere = at >= 0;
  useEffect(() => show(at), [isThere]);

  const first = Math.max(0, Math.floor(top / rowPx) - SPARE);
  const last = Math.min(rows.length, Math.ceil((top + height) / rowPx) + SPARE);
  return (
    <div
      ref={box}
      class="ci-list"
      role="treegrid"
      aria-label="CIs"
      aria-rowcount={rows.length + 1}
      aria-activedescendant={at < first || at >= last ? undefined : `row-${at}`}
      tabIndex={0}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
      onPointerEnter={({ pointerType }) => onPointer(pointerType === 'mouse')}
      onPointerLeave={() => onPointer(false)}
    >
      <CiListHead />
      <div class="rows" role="rowgroup" style={{ height: `${rows.length * rowPx}px` }}>
        {rows.slice(first, last).map((row, index) => (
          <CiListRow
            key={row.connection || `ci ${row.ci}`}
            row={row}
            index={first + index}
            topPx={(first + index) * rowPx}
            isChosen={first + index === at}
            isOpen={open.has(row.ci)}
            onChoose={() => choose(row, 'step')}
            onToggle={() => toggle(row.ci)}
          />
        ))}
      </div>
    </div>
  );
}

function enter({ connection }: ListRow): void {
  if (connection !== '') go({ view: 'statechart', connection });
  else focusDetail();
}

/** Returns the rows, and the position of the chosen one; -1 if it is not there. */
function placeOf(names: readonly string[], open: ReadonlySet<string>, chosen: ListRow) {
  const { ci: chosenCi } = route.value;
  const rows = rowsOf(names, open, model.cis);
  const isOwn = chosen.ci === chosenCi && open.has(chosenCi);
  const cursor = isOwn ? chosen : { ci: chosenCi, connection: '' };
  const at = rows.findIndex(({ ci, connection }) => ci === cursor.ci && connection === cursor.connection);
  return { rows, at };
}
