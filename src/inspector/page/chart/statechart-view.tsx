import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ConnectionState } from '../../../contract/index.js';
import type { ChartNode } from '../../feed/records.js';
import { span } from '../spans.js';
import type { PlacedTransition } from './activity.js';
import { activeIds, coveredBy, idsByTag, takenOf } from './activity.js';
import { ChartStates, ChartText } from './chart-text.js';
import { RegionButtons } from './region-buttons.js';
import { type Box, type ChartLayout, LINE_PX, labelOf, type Point, type Wire } from './shapes.js';
import { StateBox } from './state-box.js';
import { type LayoutState, useLayout } from './use-layout.js';
import { useVisibleChart } from './use-visible-chart.js';
import type { VisibleChart } from './visible-chart.js';

export interface StatechartProps {
  readonly chart: ChartNode;
  /** The state value of xstate; `undefined` if it is unknown. */
  readonly value: unknown;
  /** The connection's state, used if the value is unknown. */
  readonly state: ConnectionState | undefined;
  /** The last transitions, oldest first. */
  readonly history: readonly PlacedTransition[];
  readonly now: number;
  /** When the current state began, and its backoff in ms. */
  readonly since?: number;
  readonly delayMs?: number;
}

/** How long a taken transition is highlighted, in ms. */
const FLASH_MS = 1_500;
const zooms = [0.6, 0.8, 1, 1.4, 2, 2.8];

/** Draws a machine from its definition, and highlights its active states. Draws a part of a large machine. */
export function StatechartView(props: StatechartProps): JSX.Element {
  const { chart, value, state } = props;
  const active = new Set(value === undefined ? (state === undefined ? [] : idsByTag(chart, state)) : activeIds(value));
  const { visible, toggle, showActive } = useVisibleChart(chart, active);
  const { layout, is } = useLayout(visible.chart);
  const [zoom, setZoom] = useState(2);
  const [told, tell] = useState<string | undefined>(undefined);
  const waiting = waitText(is, visible.states - visible.hidden);
  const isAllShown = [...active].every((id) => visible.boxOf.get(id) === id);
  return (
    <figure class="chart" aria-busy={is === 'running'}>
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
        {!isAllShown && (
          <button type="button" onClick={showActive}>
            Open the active state
          </button>
        )}
        <output aria-live="polite">
          {told ??
            (layout === undefined ? undefined : waiting) ??
            chart.description ??
            'Point at a state or a transition to read about it.'}
        </output>
        {visible.states > FEW_STATES && <ActiveStates active={active} {...visible} />}
      </div>
      {layout === undefined ? (
        <Place text={waiting ?? ''} chart={chart} active={active} />
      ) : (
        <Drawing
          {...props}
          layout={layout}
          active={active}
          visible={visible}
          scale={zooms[zoom] ?? 1}
          tell={tell}
          toggle={toggle}
        />
      )}
      <ChartText chart={chart} active={active} />
    </figure>
  );
}

function waitText(is: LayoutState['is'], states: number): string | undefined {
  if (is === 'ready') return undefined;
  return is === 'failed' ? 'This chart cannot be drawn. Read it in words.' : `Laying out ${states} states…`;
}

interface PlaceProps extends Pick<StatechartProps, 'chart'> {
  readonly text: string;
  readonly active: ReadonlySet<string>;
}

/** Keeps the place of the drawing until it is laid out, and shows the chart in words there. */
function Place({ text, chart, active }: PlaceProps): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard
    <div class="chart-scroll" tabIndex={0} role="region" aria-label="Statechart in words">
      <p class="chart-wait">{text}</p>
      <ChartStates node={chart} active={active} />
    </div>
  );
}

/** Above this number of states, the active ones are also listed above the chart. */
const FEW_STATES = 30;

interface ActiveStatesProps extends Pick<VisibleChart, 'states' | 'hidden'> {
  readonly active: ReadonlySet<string>;
}

function ActiveStates({ active, states, hidden }: ActiveStatesProps): JSX.Element {
  // The innermost ones name the others.
  const leaves = [...active].filter((id) => ![...active].some((other) => other.startsWith(`${id}.`)));
  return (
    <p class="chart-active">
      <b>Active:</b> {leaves.join(', ') || 'unknown'}{' '}
      <small>
        {states - hidden} of {states} states drawn
      </small>
    </p>
  );
}

interface DrawingProps extends StatechartProps {
  readonly layout: ChartLayout;
  readonly active: ReadonlySet<string>;
  readonly visible: VisibleChart;
  readonly scale: number;
  readonly tell: (text: string | undefined) => void;
  readonly toggle: (id: string) => void;
}

function Drawing({ layout, active, visible, scale, toggle, ...props }: DrawingProps): JSX.Element {
  const { chart, tell, history, now } = props;
  const boxes = useMemo(() => new Map(layout.boxes.map((box) => [box.node.id, box])), [layout]);
  // A closed box is active if a state inside it is.
  const lit = new Map([...active].map((id) => [visible.boxOf.get(id) ?? id, id]));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard
    <div class="chart-scroll" tabIndex={0} role="region" aria-label="Statechart">
      <div
        class="chart-canvas"
        style={{ width: `${scale * 100}%`, maxWidth: `${layout.width * Math.max(scale, 1) * 1.1}px` }}
      >
        <svg
          role="img"
          aria-label={`Statechart of ${chart.id}; active: ${[...active].join(', ') || 'unknown'}`}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
        >
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0 8 4 0 8z" class="arrow" />
            </marker>
          </defs>
          {layout.boxes.map((box) => (
            <StateBox
              key={box.node.id}
              box={box}
              isActive={lit.has(box.node.id)}
              activeInside={lit.get(box.node.id)}
              {...props}
            />
          ))}
          {layout.wires.map((wire) => (
            <WirePath key={wire.key} wire={wire} boxes={boxes} history={history} now={now} tell={tell} />
          ))}
        </svg>
        <RegionButtons layout={layout} toggle={toggle} />
      </div>
    </div>
  );
}

interface WireProps {
  readonly wire: Wire;
  readonly boxes: ReadonlyMap<string, Box>;
  readonly history: readonly PlacedTransition[];
  readonly now: number;
  readonly tell: (text: string | undefined) => void;
}

function WirePath({ wire, boxes, history, now, tell }: WireProps): JSX.Element {
  const statesOf = (id: string) => {
    const node = boxes.get(id)?.node;
    return node === undefined ? undefined : coveredBy(node);
  };
  const [from, to] = [statesOf(wire.from), statesOf(wire.to)];
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
