import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Summary } from '../../feed/records.js';
import { clock, span } from '../spans.js';
import { theme } from '../theme.js';
import { drawLanes, laneHeightFor, layoutLanes, type Range, timeAt, visibleSegments } from './draw-lanes.js';
import type { Lane } from './lanes.js';
import { RateCurves } from './rate-curves.js';

export interface TimelineProps {
  readonly lanes: readonly Lane[];
  readonly summaries: readonly Summary[];
  /** The current time, or the time of a replay. */
  readonly now: number;
  readonly selected: string | undefined;
  readonly onSelect: (name: string) => void;
}

const spans = [30_000, 60_000, 300_000, 900_000, 3_600_000];
const HEIGHT_PX = 420;

/** Shows lanes of states over time, and rates below them. Follows the current time until the user pauses it. */
export function TimelineView({ lanes, summaries, now, selected, onSelect }: TimelineProps): JSX.Element {
  const [spanMs, setSpan] = useState(60_000);
  const [stoppedAt, stop] = useState<number | undefined>(undefined);
  const to = stoppedAt ?? now;
  const range = { from: to - spanMs, to };
  const zoom = (step: number): void => {
    const at = spans.indexOf(spanMs) + step;
    setSpan(spans[Math.max(0, Math.min(at, spans.length - 1))] ?? spanMs);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === '+' || event.key === '=') zoom(-1);
    else if (event.key === '-') zoom(1);
    else if (event.key === 'ArrowLeft') stop(to - spanMs / 4);
    else if (event.key === 'ArrowRight') stop(Math.min(to + spanMs / 4, now));
    else if (event.key === 'End') stop(undefined);
    else return;
    event.preventDefault();
  };
  return (
    <div class="timeline" onKeyDown={onKey}>
      <div class="timeline-tools">
        <button type="button" onClick={() => stop(stoppedAt === undefined ? now : undefined)}>
          {stoppedAt === undefined ? 'Pause' : 'Follow'}
        </button>
        <button type="button" aria-label="Zoom in" onClick={() => zoom(-1)}>
          +
        </button>
        <button type="button" aria-label="Zoom out" onClick={() => zoom(1)}>
          −
        </button>
        <button type="button" aria-label="Earlier" onClick={() => stop(to - spanMs / 4)}>
          ←
        </button>
        <button type="button" aria-label="Later" onClick={() => stop(Math.min(to + spanMs / 4, now))}>
          →
        </button>
        <output>
          {clock(range.from)} – {clock(range.to)} ({span(spanMs)})
        </output>
      </div>
      <Lanes lanes={lanes} range={range} selected={selected} onSelect={onSelect} onWheel={zoom} />
      <RateCurves title="requests per second" summaries={summaries} range={range} series={throughput} />
      <RateCurves title="latency, ms (of the last 30 s)" summaries={summaries} range={range} series={latencies} />
    </div>
  );
}

const throughput = [{ label: 'requests/s', of: (summary: Summary) => summary.perSecond, colour: '--accent' }];
const latencies = [
  { label: 'p50', of: ({ recent }: Summary) => recent?.s30.p50 ?? 0, colour: '--state-healthy' },
  { label: 'p99', of: ({ recent }: Summary) => recent?.s30.p99 ?? 0, colour: '--state-degraded' },
];

interface LanesProps {
  readonly lanes: readonly Lane[];
  readonly range: Range;
  readonly selected: string | undefined;
  readonly onSelect: (name: string) => void;
  readonly onWheel: (step: number) => void;
}

function Lanes({ lanes, range, selected, onSelect, onWheel }: LanesProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [first, setFirst] = useState(0);
  const [width, setWidth] = useState(0);
  const laneHeight = laneHeightFor(lanes.length, HEIGHT_PX);
  const height = Math.min(HEIGHT_PX, Math.max(lanes.length * laneHeight, 40));
  const most = Math.max(0, lanes.length - Math.floor(height / laneHeight));
  const layout = layoutLanes(lanes.length, width, height, Math.min(first, most));
  useEffect(() => {
    const node = canvas.current?.parentElement;
    if (node === undefined || node === null) return;
    const watch = new ResizeObserver(() => setWidth(node.clientWidth));
    watch.observe(node);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    const node = canvas.current;
    const context = node?.getContext('2d');
    if (node === null || context === null || context === undefined || width === 0) return;
    node.width = width * devicePixelRatio;
    node.height = height * devicePixelRatio;
    node.style.height = `${height}px`;
    context.scale(devicePixelRatio, devicePixelRatio);
    const style = getComputedStyle(node);
    drawLanes(context, lanes, range, layout, { colour: (name) => style.getPropertyValue(name), selected });
  }, [lanes, range, width, height, first, selected, theme.value]);
  const laneAt = (event: MouseEvent): Lane | undefined => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return lanes[layout.first + Math.floor((event.clientY - box.top) / laneHeight)];
  };
  const describe = (event: MouseEvent): string => {
    const lane = laneAt(event);
    if (lane === undefined) return '';
    const at = timeAt(event.clientX - (event.currentTarget as HTMLElement).getBoundingClientRect().left, range, layout);
    const segment = visibleSegments(lane, range).find(({ from, to }) => from <= at && at < to);
    return segment === undefined
      ? lane.name
      : `${lane.name}: ${segment.state} since ${clock(segment.from, 'ms')} (${segment.reason})`;
  };
  return (
    <div class="lanes">
      <canvas
        ref={canvas}
        role="img"
        aria-label={textOf(lanes, range)}
        onMouseMove={(event) => {
          event.currentTarget.title = describe(event);
        }}
        onClick={(event) => {
          const lane = laneAt(event);
          if (lane !== undefined) onSelect(lane.name);
        }}
        onWheel={(event) => {
          event.preventDefault();
          if (event.ctrlKey) onWheel(Math.sign(event.deltaY));
          else setFirst(Math.max(0, Math.min(layout.first + Math.round(event.deltaY / laneHeight), most)));
        }}
      />
    </div>
  );
}

function textOf(lanes: readonly Lane[], range: Range): string {
  const changes = lanes.reduce(
    (sum, { segments }) => sum + segments.filter(({ from }) => from >= range.from && from < range.to).length,
    0,
  );
  return `${lanes.length} connections, ${changes} changes of state in the visible time`;
}
