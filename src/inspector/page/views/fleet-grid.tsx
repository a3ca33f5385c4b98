import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { overview } from '../overview.js';
import { go, route } from '../route.js';
import { model } from '../session.js';
import { theme } from '../theme.js';
import { type Cell, CellDrawing } from './cell-drawing.js';
import { letterOfTrouble } from './trouble-mark.js';

/** Shortest time between two drawings in ms: the browser copies the whole canvas each time. */
const DRAW_MS = 200;

/** Draws a cell for each connection on one canvas, because 10,000 elements would be slow. The list shows the same as text. */
export function FleetGrid({ names }: { readonly names: readonly string[] }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<CellDrawing>();
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const newest = useRef(names);
  newest.current = names;
  const side = names.length <= 400 ? 22 : names.length <= 2_000 ? 16 : 11;
  useEffect(() => {
    const node = canvas.current as HTMLCanvasElement;
    const begin = (): void => {
      drawing.current = new CellDrawing(node, side);
      drawing.current.draw(cellsOf(newest.current));
    };
    const watch = new ResizeObserver(begin);
    watch.observe(node.parentElement as HTMLElement);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', begin);
    return () => {
      watch.disconnect();
      scheme.removeEventListener('change', begin);
    };
  }, [side, theme.value]);
  useEffect(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      drawing.current?.draw(cellsOf(newest.current));
    }, DRAW_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  const cellAt = (event: MouseEvent): Cell | undefined => drawing.current?.cellAt(event.offsetX, event.offsetY);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard
    <div class="grid-box" role="region" aria-label="All connections at a glance" tabIndex={0}>
      <canvas
        ref={canvas}
        class="grid"
        role="img"
        aria-label="A cell for each connection; the list shows the same as text"
        onMouseMove={(event) => {
          const title = titleOf(cellAt(event));
          if (event.currentTarget.title !== title) event.currentTarget.title = title;
        }}
        onClick={(event) => {
          const cell = cellAt(event);
          if (cell !== undefined) go({ ci: cell.ci, connection: cell.connection });
        }}
      />
    </div>
  );
}

/** Returns the cells in the order of the list: one for each connection, or one for a CI without connections. */
function cellsOf(names: readonly string[]): Cell[] {
  const { troubles } = overview.value;
  const { ci: chosen } = route.value;
  const cells: Cell[] = [];
  for (const name of names) {
    const ci = model.cis.get(name);
    if (ci === undefined) continue;
    const trouble = troubles.get(name);
    const hidden = letterOfTrouble(trouble?.kind);
    const mark = hidden === undefined || trouble === undefined ? {} : { letter: hidden, severity: trouble.severity };
    const isChosen = name === chosen;
    const add = (state: Cell['state'], connection: string): void => {
      cells.push({ ci: name, connection, state, isChosen, ...mark });
    };
    if (ci.state === 'quarantined' || ci.connections.length === 0) add(ci.state, '');
    else for (const { connection, state } of ci.connections) add(state, connection);
  }
  return cells;
}

function titleOf(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  const texts = overview.value.troubles.get(cell.ci)?.texts ?? [];
  return [`${cell.connection || cell.ci}: ${cell.state}`, ...texts].join(' · ');
}
