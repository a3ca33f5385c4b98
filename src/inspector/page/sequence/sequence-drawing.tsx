import type { JSX } from 'preact';
import { clock } from '../spans.js';
import { ACTIVATION_PX, HEAD_PX, LOOP_PX, NOTE_PX, type Row, type SequenceLayout } from './layout-sequence.js';

interface SequenceDrawingProps {
  readonly layout: SequenceLayout;
  /** The page draws the heads apart, because they stay in view. A saved file has both. */
  readonly part: 'heads' | 'steps' | 'whole';
  /** Describes the drawing. */
  readonly label: string;
}

/** Draws a sequence diagram: lifelines, arrows with their texts, states, and requests as bars. */
export function SequenceDrawing({ layout, part, label }: SequenceDrawingProps): JSX.Element {
  const { width, height, lifelines, rows, activations } = layout;
  const head = part === 'steps' ? 0 : HEAD_PX;
  const body = part === 'heads' ? 0 : height;
  return (
    <svg
      class="seq"
      role="img"
      aria-label={label}
      xmlns="http://www.w3.org/2000/svg"
      width={width}
      height={head + body}
      viewBox={`0 0 ${width} ${head + body}`}
    >
      <rect class="seq-paper" width={width} height={head + body} />
      {part !== 'heads' && (
        <g transform={`translate(0 ${head})`}>
          {lifelines.map(({ name, x }) => (
            <line key={name} class="seq-line" x1={x} x2={x} y1={0} y2={height} />
          ))}
          {activations.map(({ key, x, y, height: long, text, isAnswered }) => (
            <rect
              key={key}
              class={isAnswered ? 'seq-active' : 'seq-active seq-failed'}
              x={x}
              y={y}
              width={ACTIVATION_PX}
              height={long}
              rx={2}
            >
              <title>{text}</title>
            </rect>
          ))}
          {rows.map((row) => (
            <StepRow key={row.key} row={row} width={width} />
          ))}
        </g>
      )}
      {part !== 'steps' &&
        lifelines.map(({ name, x, width: wide }) => (
          <g key={name} class="seq-head">
            <rect x={x - wide / 2} y={6} width={wide} height={HEAD_PX - 12} rx={7} />
            <text x={x} y={HEAD_PX / 2 + 4.5} text-anchor="middle">
              {name}
            </text>
          </g>
        ))}
    </svg>
  );
}

function StepRow({ row, width }: { readonly row: Row; readonly width: number }): JSX.Element {
  const { shape, kind, at, y, text, whole, x } = row;
  if (shape === 'gap') {
    return (
      <g class="seq-gap">
        <line x1={x + row.width + 10} x2={width - 10} y1={y - 3} y2={y - 3} />
        <text x={x} y={y + 1}>
          {text}
        </text>
      </g>
    );
  }
  return (
    <g class={`seq-step seq-${kind}`}>
      <text class="seq-time" x={14} y={y + 4}>
        {clock(at, 'ms')}
      </text>
      {shape === 'note' ? <Note row={row} /> : <Arrow row={row} />}
      <text x={x} y={shape === 'message' ? y - 6 : y + 4} text-anchor={shape === 'loop' ? 'start' : 'middle'}>
        {text}
        <title>{whole}</title>
      </text>
    </g>
  );
}

function Note({ row: { x, y, width } }: { readonly row: Row }): JSX.Element {
  const wide = width + 16;
  return <rect x={x - wide / 2} y={y - NOTE_PX / 2} width={wide} height={NOTE_PX} rx={NOTE_PX / 2} />;
}

/** Length of an arrow's head. */
const TIP_PX = 8;

function Arrow({ row: { shape, y, fromX, toX } }: { readonly row: Row }): JSX.Element {
  const isLoop = shape === 'loop';
  // A loop comes back from the right.
  const side = isLoop || toX < fromX ? 1 : -1;
  const path = isLoop
    ? `M${fromX} ${y - 7}h${LOOP_PX - 6}q6 0 6 7t-6 7H${toX + TIP_PX - 1}`
    : `M${fromX} ${y}H${toX + side * (TIP_PX - 1)}`;
  const tip = isLoop ? y + 7 : y;
  return (
    <>
      <path class="seq-arrow" d={path} />
      <path class="seq-tip" d={`M${toX} ${tip}l${side * TIP_PX} -4v8z`} />
    </>
  );
}
