import type { ChartEdge, ChartNode } from '../../feed/records.js';

/** A state's box; all in the same coordinates, parents before their children. */
export interface Box {
  readonly node: ChartNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** What is written beneath the name: what it invokes, and transitions that stay. */
  readonly notes: readonly string[];
}

/** The transitions from one state to another: their way, and where their labels stand, one beneath the other. */
export interface Wire {
  readonly key: string;
  readonly edges: readonly ChartEdge[];
  readonly from: string;
  readonly to: string;
  readonly points: readonly Point[];
  /** The middle of the labels. */
  readonly at: Point;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface ChartLayout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly wires: readonly Wire[];
}

export const LETTER_PX = 6.4;
/** Height of a line of text. */
export const LINE_PX = 16;

/** What labels must not stand on. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Returns what a transition is labelled with: `event [guard]`. */
export function labelOf({ event, guard }: ChartEdge): string {
  return guard === undefined ? event : `${event} [${guard}]`;
}
