import type { ChartEdge, ChartNode } from '../../feed/records.js';

/** A state as it is drawn. */
export interface DrawnNode extends ChartNode {
  readonly states: readonly DrawnNode[];
  /** Number of states that are not drawn: those inside a closed box, or those that a box stands for. */
  readonly hidden?: number;
}

/** A state's box. All boxes use the same coordinates. Parents come before their children. */
export interface Box {
  readonly node: DrawnNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** The lines below the name: invoked actors, and transitions that stay in the state. */
  readonly notes: readonly string[];
}

/** The transitions from one state to another: their line, and the position of their labels, one below the other. */
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

/** An area that labels must not cover. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Returns the label of a transition: `event [guard]`. */
export function labelOf({ event, guard }: ChartEdge): string {
  return guard === undefined ? event : `${event} [${guard}]`;
}
