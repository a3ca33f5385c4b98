import { LETTER_PX, LINE_PX, labelOf, type Wire } from './layout-chart.js';

/** Moves labels that would stand on each other apart: the later one down, until it is free. */
export function spreadLabels(wires: readonly Wire[]): Wire[] {
  const placed: Wire[] = [];
  for (const wire of [...wires].sort((a, b) => a.at.y - b.at.y)) {
    let { at } = wire;
    for (const other of placed) {
      const gap = (heightOf(wire) + heightOf(other)) / 2 - Math.abs(at.y - other.at.y);
      const isBeside = Math.abs(at.x - other.at.x) > (widthOf(wire) + widthOf(other)) / 2;
      if (gap > 0 && !isBeside) at = { x: at.x, y: other.at.y + (heightOf(wire) + heightOf(other)) / 2 };
    }
    placed.push({ ...wire, at });
  }
  return placed;
}

function widthOf({ edges }: Wire): number {
  return Math.max(...edges.map((edge) => labelOf(edge).length)) * LETTER_PX + 20;
}

function heightOf({ edges }: Wire): number {
  return edges.length * LINE_PX;
}
