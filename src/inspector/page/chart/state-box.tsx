import type { JSX } from 'preact';
import { span } from '../spans.js';
import type { PlacedTransition } from './activity.js';
import { contractStateOf, dwellOf } from './activity.js';
import { type Box, LETTER_PX } from './shapes.js';

interface StateBoxProps {
  readonly box: Box;
  readonly isActive: boolean;
  /** The innermost active state that the box stands for. */
  readonly activeInside: string | undefined;
  readonly history: readonly PlacedTransition[];
  readonly now: number;
  readonly since?: number;
  readonly delayMs?: number;
  readonly tell: (text: string | undefined) => void;
}

/** Draws one state: its name, its invoked actors, number of entries, mean duration, and the remaining backoff. */
export function StateBox({
  box,
  isActive,
  activeInside,
  history,
  now,
  since,
  delayMs,
  tell,
}: StateBoxProps): JSX.Element {
  const { node, x, y, width, height, depth, notes } = box;
  const state = contractStateOf(node);
  const isLeaf = node.states.length === 0;
  const dwell = state === undefined ? undefined : dwellOf(history, state, node.id);
  const isTold = dwell !== undefined && dwell.count > 0;
  const text = `${node.id}${node.description === undefined ? '' : `: ${node.description}`}`;
  const classes = [
    'state',
    `depth-${Math.min(depth, 3)}`,
    state && `state-${state}`,
    isActive && 'active',
    `type-${node.type}`,
  ];
  return (
    <g class={classes.filter(Boolean).join(' ')} onMouseEnter={() => tell(text)} onMouseLeave={() => tell(undefined)}>
      <rect x={x} y={y} width={width} height={height} rx={10} />
      {node.type === 'final' && <rect class="inner" x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx={8} />}
      <text class="name" x={x + 14} y={y + 20}>
        {node.key}
        <title>{text}</title>
      </text>
      {isTold && (
        <text class="dwell" x={x + width - 10} y={y + 20} text-anchor="end">
          ×{dwell.count}
        </text>
      )}
      {notes.map((note, index) => (
        <text key={note} class="note" x={x + 14} y={y + 38 + index * 16}>
          {index === 0 && node.hidden !== undefined && activeInside !== undefined
            ? insideText(activeInside, box)
            : note}
        </text>
      ))}
      {isLeaf && isTold && dwell.meanMs !== undefined && (
        <text class="dwell" x={x + width / 2} y={y + height + 13} text-anchor="middle">
          ⌀ {span(dwell.meanMs)}
        </text>
      )}
      {isActive && state === 'reconnecting' && since !== undefined && (delayMs ?? 0) > 0 && (
        <Backoff
          x={x}
          y={y + height - 6}
          width={width}
          left={Math.max(0, since + (delayMs ?? 0) - now)}
          of={delayMs ?? 1}
        />
      )}
    </g>
  );
}

/** Returns the name of an active state inside a closed box, cut to the box. */
function insideText(id: string, { node, width }: Box): string {
  const letters = Math.max(1, Math.floor((width - 28) / LETTER_PX) - 4);
  const name = id.startsWith(`${node.id}.`) ? id.slice(node.id.length + 1) : id;
  return `▸ ● ${name.length > letters ? `${name.slice(0, letters - 1)}…` : name}`;
}

interface BackoffProps {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly left: number;
  readonly of: number;
}

function Backoff({ x, y, width, left, of }: BackoffProps): JSX.Element {
  return (
    <g class="backoff">
      <rect x={x + 10} y={y} width={((width - 20) * left) / of} height={3} rx={1.5} />
      <text x={x + width + 8} y={y + 2}>
        {span(left)} left
      </text>
    </g>
  );
}
