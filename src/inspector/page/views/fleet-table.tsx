import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { FleetRow } from '../fleet-rows.js';
import { go, route } from '../route.js';
import { now } from '../session.js';
import { clock, latency, span } from '../spans.js';
import { StateBadge } from './state-badge.js';

const ROW_PX = 30;
/** Extra rows above and below the visible ones, so that none is missing while scrolling. */
const SPARE = 8;

interface Column {
  readonly key: string;
  readonly title: string;
  readonly cell: (row: FleetRow, at: number) => JSX.Element | string | number;
  readonly isNumber?: boolean;
}

const columns: readonly Column[] = [
  { key: 'ci', title: 'CI', cell: ({ ci }) => ci.ci },
  { key: 'connection', title: 'Connection', cell: ({ connection }) => connection?.connection ?? '–' },
  { key: 'state', title: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  {
    key: 'since',
    title: 'For',
    cell: ({ ci, connection }, at) => span(at - (connection ?? ci).since),
    isNumber: true,
  },
  { key: 'inFlight', title: 'In flight', cell: ({ ci, connection }) => (connection ?? ci).inFlight, isNumber: true },
  { key: 'waiting', title: 'Waiting', cell: ({ ci }) => ci.waiting, isNumber: true },
  { key: 'p50', title: 'p50 ms', cell: ({ ci }) => latency(ci.p50), isNumber: true },
  { key: 'p99', title: 'p99 ms', cell: ({ ci }) => latency(ci.p99), isNumber: true },
  {
    key: 'reuse',
    title: 'Reuse',
    cell: ({ ci }) => (ci.requests === 0 ? '–' : `${Math.round(ci.reuse * 100)} %`),
    isNumber: true,
  },
  { key: 'late', title: 'Late', cell: ({ ci }) => ci.late, isNumber: true },
  {
    key: 'lastError',
    title: 'Last error',
    cell: ({ ci }) => (ci.lastError === undefined ? '–' : `${clock(ci.lastError.at)} ${ci.lastError.message}`),
  },
];

/** Shows a row for each connection. Renders only the visible rows. */
export function FleetTable({ rows }: { readonly rows: readonly FleetRow[] }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [active, setActive] = useState(0);
  const height = box.current?.clientHeight ?? 600;
  const first = Math.max(0, Math.floor(top / ROW_PX) - SPARE);
  const last = Math.min(rows.length, Math.ceil((top + height) / ROW_PX) + SPARE);
  const at = Math.min(active, rows.length - 1);
  const moveTo = (index: number): void => {
    const next = Math.max(0, Math.min(index, rows.length - 1));
    setActive(next);
    const node = box.current;
    if (node === null) return;
    if (next * ROW_PX < node.scrollTop) node.scrollTop = next * ROW_PX;
    else if ((next + 2) * ROW_PX > node.scrollTop + height) node.scrollTop = (next + 2) * ROW_PX - height;
  };
  const onKey = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20 };
    const step = steps[event.key];
    if (step !== undefined) moveTo(at + step);
    else if (event.key === 'Home') moveTo(0);
    else if (event.key === 'End') moveTo(rows.length - 1);
    else if (event.key === 'Enter' && rows[at] !== undefined) open(rows[at]);
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={box}
      class="table-box"
      role="grid"
      aria-label="Connections"
      aria-rowcount={rows.length + 1}
      aria-activedescendant={rows[at] === undefined ? undefined : `row-${at}`}
      tabIndex={0}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
      onKeyDown={onKey}
    >
      <Head />
      <div class="rows" role="rowgroup" style={{ height: `${rows.length * ROW_PX}px` }}>
        {rows.slice(first, last).map((row, index) => (
          <Row key={idOf(row)} row={row} index={first + index} isActive={first + index === at} />
        ))}
      </div>
    </div>
  );
}

function Head(): JSX.Element {
  const { sort } = route.value;
  return (
    <div class="tr head" role="row" aria-rowindex={1}>
      {columns.map(({ key, title, isNumber }) => (
        <div
          key={key}
          role="columnheader"
          class={isNumber ? 'number' : ''}
          aria-sort={sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : 'none'}
        >
          <button type="button" onClick={() => go({ sort: sort === key ? `-${key}` : key })}>
            {title}
          </button>
        </div>
      ))}
    </div>
  );
}

function Row({ row, index, isActive }: { row: FleetRow; index: number; isActive: boolean }): JSX.Element {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles the keys, for its active descendant
    <div
      id={`row-${index}`}
      class={`tr${isActive ? ' active' : ''}`}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={isActive}
      style={{ transform: `translateY(${index * ROW_PX}px)` }}
      onClick={() => open(row)}
    >
      {columns.map(({ key, cell, isNumber }) => (
        <div key={key} role="gridcell" class={isNumber ? 'number' : ''}>
          {cell(row, now.value)}
        </div>
      ))}
    </div>
  );
}

function idOf({ ci, connection }: FleetRow): string {
  return connection?.connection ?? ci.ci;
}

function open({ connection }: FleetRow): void {
  if (connection !== undefined) go({ view: 'statechart', connection: connection.connection });
}
