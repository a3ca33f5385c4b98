import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ConnectionState } from '../../../contract/index.js';
import type { ChartNode, PastTransition } from '../../feed/records.js';
import { span } from '../spans.js';
import { activeIds, contractStateOf, idsByTag, takenOf } from './activity.js';
import { ChartText } from './chart-text.js';
import { layoutChart } from './layout-chart.js';
import { type ChartLayout, LINE_PX, labelOf, type Point, type Wire } from './shapes.js';
import { StateBox } from './state-box.js';

export interface StatechartProps {
  readonly chart: ChartNode;
  /** The state value of xstate; `undefined` if it is unknown. */
  readonly value: unknown;
  /** The connection's state, used if the value is unknown. */
  readonly state: ConnectionState | undefined;
  /** The last transitions, oldest first. */
  readonly history: readonly PastTransition[];
  readonly now: number;
  /** When the current state began, and its backoff in ms. */
  readonly since?: number;
  readonly delayMs?: number;
}

/** How long a taken transition is highlighted, in ms. */
const FLASH_MS = 1_500;
const zooms = [0.6, 0.8, 1, 1.4, 2, 2.8];

/** Draws a machine from its definition, and highlights its active states. */
export function StatechartView(props: StatechartProps): JSX.Element {
  const { chart, value, state, history, now } = props;
  const drawn = useMemo(() => layoutChart(chart), [chart]);
  const [zoom, setZoom] = useState(2);
  const [told, tell] = useState<string | undefined>(undefined);
  const active = new Set(value === undefined ? (state === undefined ? [] : idsByTag(chart, state)) : activeIds(value));
  const scale = zooms[zoom] ?? 1;
  return (
    <figure class="chart">
      <div class="chart-tools">
        <button type="button" aria-label="Smaller" disabled={zoom === 0} onClick={() => setZoom(zoom - 1)}>
          −
        </button>
        <button
          type="button"
          aria-label="Larger"
          disabled={zoom === zooms.length - 1}
          onClick={() => setZoom(zoom + 1)}
        >
          +
        </button>
        <output aria-live="polite">
          {told ?? chart.description ?? 'Point at a state or a transition to read about it.'}
        </output>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard */}
      <div class="chart-scroll" tabIndex={0} role="region" aria-label="Statechart">
        <svg
          role="img"
          aria-label={`Statechart of ${chart.id}; active: ${[...active].join(', ') || 'unknown'}`}
          viewBox={`0 0 ${drawn.width} ${drawn.height}`}
          style={{ width: `${scale * 100}%`, maxWidth: `${drawn.width * Math.max(scale, 1) * 1.1}px` }}
        >
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0 8 4 0 8z" class="arrow" />
            </marker>
          </defs>
          {drawn.boxes.map((box) => (
            <StateBox key={box.node.id} box={box} isActive={active.has(box.node.id)} tell={tell} {...props} />
          ))}
          {drawn.wires.map((wire) => (
            <WirePath key={wire.key} wire={wire} drawn={drawn} history={history} now={now} tell={tell} />
          ))}
        </svg>
      </div>
      <ChartText chart={chart} active={active} />
    </figure>
  );
}

interface WireProps {
  readonly wire: Wire;
  readonly drawn: ChartLayout;
  readonly history: readonly PastTransition[];
  readonly now: number;
  readonly tell: (text: string | undefined) => void;
}

function WirePath({ wire, drawn, history, now, tell }: WireProps): JSX.Element {
  const stateOf = (id: string) => {
    const node = drawn.boxes.find((box) => box.node.id === id)?.node;
    return node === undefined ? undefined : contractStateOf(node);
  };
  const [from, to] = [stateOf(wire.from), stateOf(wire.to)];
  const last = history.at(-1);
  const lines = wire.edges.map((edge) => {
    const { count: taken, meanMs } = takenOf(history, edge, from, to);
    const isFresh = last !== undefined && now - last.at < FLASH_MS && takenOf([last], edge, from, to).count > 0;
    const text = `${labelOf(edge)}: ${wire.from} → ${wire.to}${taken > 0 ? `, taken ${taken} times${meanMs === undefined ? '' : `, after ${span(meanMs)} on average`}` : ''}. ${edge.description ?? ''}`;
    return {
      label:
        taken > 0 ? `${labelOf(edge)} ·${taken}${meanMs === undefined ? '' : ` ⌀ ${span(meanMs)}`}` : labelOf(edge),
      taken,
      isFresh,
      text,
    };
  });
  const classes = [
    'wire',
    wire.edges.every(({ kind }) => kind === 'after') && 'wire-after',
    lines.some(({ taken }) => taken > 0) && 'taken',
    lines.some(({ isFresh }) => isFresh) && 'fresh',
  ];
  const top = wire.at.y - ((lines.length - 1) * LINE_PX) / 2 + 4;
  return (
    <g class={classes.filter(Boolean).join(' ')} onMouseLeave={() => tell(undefined)}>
      <path d={curve(wire.points)} marker-end="url(#arrow)" />
      {lines.map(({ label, text, taken, isFresh }, index) => (
        <text
          key={text}
          class={isFresh ? 'label fresh' : taken > 0 ? 'label taken' : 'label'}
          x={wire.at.x}
          y={top + index * LINE_PX}
          text-anchor="middle"
          onMouseEnter={() => tell(text)}
        >
          {label}
          <title>{text}</title>
        </text>
      ))}
    </g>
  );
}

/** Returns a path through the middles of dagre's points, so that it has no sharp corners. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const parts = rest.map((point, index) => {
    const next = rest[index + 1];
    if (next === undefined) return `L${point.x} ${point.y}`;
    return `Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`;
  });
  return `M${first.x} ${first.y}${parts.join('')}`;
}
