import type { Lane } from './lanes.js';

/** The visible part of time, in ms since the epoch. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The layout of the canvas, in CSS pixels. */
export interface LaneLayout {
  readonly width: number;
  readonly height: number;
  /** Width of the names at the left; 0 if lanes are too low for names. */
  readonly names: number;
  readonly laneHeight: number;
  /** The first visible lane. */
  readonly first: number;
}

const READABLE_PX = 16;

/** Returns the height of a lane: readable for few lanes, a thin line for many. */
export function laneHeightFor(lanes: number, height: number): number {
  const fair = Math.floor(height / Math.max(lanes, 1));
  return Math.min(Math.max(fair, 3), 22);
}

export function layoutLanes(lanes: number, width: number, height: number, first: number): LaneLayout {
  const laneHeight = laneHeightFor(lanes, height);
  return { width, height, laneHeight, names: laneHeight >= READABLE_PX ? 140 : 0, first };
}

export function xOf(at: number, range: Range, { width, names }: LaneLayout): number {
  return names + ((at - range.from) / (range.to - range.from)) * (width - names);
}

export function timeAt(x: number, range: Range, { width, names }: LaneLayout): number {
  return range.from + ((x - names) / (width - names)) * (range.to - range.from);
}

/** Returns the segments of a lane within the range, cut to it. */
export function visibleSegments({ segments }: Lane, { from, to }: Range) {
  return segments.flatMap((segment) => {
    const end = segment.to ?? to;
    if (end <= from || segment.from >= to) return [];
    return [
      { state: segment.state, reason: segment.reason, from: Math.max(segment.from, from), to: Math.min(end, to) },
    ];
  });
}

/** Draws the lanes. `look.colour` returns the value of a CSS custom property. */
export function drawLanes(
  context: CanvasRenderingContext2D,
  lanes: readonly Lane[],
  range: Range,
  layout: LaneLayout,
  look: { readonly colour: (name: string) => string; readonly selected: string | undefined },
): void {
  const { width, height, laneHeight, names, first } = layout;
  const seen = lanes.slice(first, first + Math.ceil(height / laneHeight));
  context.clearRect(0, 0, width, height);
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  for (const [index, lane] of seen.entries()) {
    const y = index * laneHeight;
    for (const segment of visibleSegments(lane, range)) {
      const x = xOf(segment.from, range, layout);
      context.fillStyle = look.colour(`--state-${segment.state}`);
      // At least one pixel, so that short segments are visible.
      context.fillRect(x, y, Math.max(xOf(segment.to, range, layout) - x, 1), laneHeight - (laneHeight > 4 ? 1 : 0));
    }
    if (names === 0) continue;
    context.fillStyle = look.colour(lane.name === look.selected ? '--accent' : '--text');
    context.fillText(clipped(lane.name), 4, y + laneHeight / 2);
  }
}

const MOST_LETTERS = 22;

function clipped(name: string): string {
  return name.length <= MOST_LETTERS ? name : `${name.slice(0, MOST_LETTERS - 1)}…`;
}
