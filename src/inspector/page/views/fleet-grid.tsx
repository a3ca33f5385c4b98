import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { FleetRow } from '../fleet-rows.js';
import { go, route } from '../route.js';
import { letterOf } from '../states.js';
import { theme } from '../theme.js';

const GAP = 2;

/** Draws a cell for each connection on one canvas, because 10,000 elements would be slow. The table shows the same as text. */
export function FleetGrid({ rows }: { readonly rows: readonly FleetRow[] }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { connection: chosen } = route.value;
  const side = rows.length <= 400 ? 26 : rows.length <= 2_000 ? 18 : 11;
  useEffect(() => {
    const node = canvas.current;
    if (node === null) return;
    const paint = (): void => draw(node, rows, side, chosen);
    paint();
    const watch = new ResizeObserver(paint);
    watch.observe(node.parentElement as HTMLElement);
    return () => watch.disconnect();
  }, [rows, side, chosen, theme.value]);
  const rowAt = (event: MouseEvent): FleetRow | undefined => {
    const node = event.currentTarget as HTMLCanvasElement;
    const box = node.getBoundingClientRect();
    const across = columnsOf(node.clientWidth, side);
    const column = Math.floor((event.clientX - box.left) / (side + GAP));
    return column < across ? rows[Math.floor((event.clientY - box.top) / (side + GAP)) * across + column] : undefined;
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard
    <div class="grid-box" role="region" aria-label="All connections at a glance" tabIndex={0}>
      <canvas
        ref={canvas}
        class="grid"
        role="img"
        aria-label="A cell for each connection; the table shows the same as text"
        onMouseMove={(event) => {
          const row = rowAt(event);
          event.currentTarget.title =
            row === undefined ? '' : `${row.connection?.connection ?? row.ci.ci}: ${row.state}`;
        }}
        onClick={(event) => {
          const row = rowAt(event);
          if (row?.connection !== undefined) go({ view: 'statechart', connection: row.connection.connection });
        }}
      />
    </div>
  );
}

function columnsOf(width: number, side: number): number {
  return Math.max(1, Math.floor((width + GAP) / (side + GAP)));
}

function draw(node: HTMLCanvasElement, rows: readonly FleetRow[], side: number, chosen: string): void {
  const context = node.getContext('2d');
  const width = node.parentElement?.clientWidth ?? 0;
  if (context === null || width === 0) return;
  const across = columnsOf(width, side);
  const height = Math.ceil(rows.length / across) * (side + GAP);
  const scale = devicePixelRatio;
  node.width = width * scale;
  node.height = height * scale;
  node.style.height = `${height}px`;
  context.scale(scale, scale);
  const style = getComputedStyle(node);
  const colours = new Map<string, string>();
  const colour = (name: string): string => {
    if (!colours.has(name)) colours.set(name, style.getPropertyValue(name));
    return colours.get(name) ?? '';
  };
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.font = `600 ${Math.round(side * 0.55)}px system-ui, sans-serif`;
  for (const [index, { state, connection }] of rows.entries()) {
    const x = (index % across) * (side + GAP);
    const y = Math.floor(index / across) * (side + GAP);
    context.fillStyle = colour(`--state-${state}`);
    context.beginPath();
    context.roundRect(x, y, side, side, side > 14 ? 4 : 2);
    context.fill();
    // Small cells show a letter only if they are not healthy, so that those stand out.
    if (side >= 18 || state !== 'healthy') {
      context.fillStyle = colour('--on-state');
      context.fillText(letterOf(state), x + side / 2, y + side / 2 + 0.5);
    }
    if (connection?.connection !== chosen) continue;
    context.strokeStyle = colour('--text');
    context.lineWidth = 2;
    context.strokeRect(x + 1, y + 1, side - 2, side - 2);
  }
}
