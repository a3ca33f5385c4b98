import type { Box, Point } from './shapes.js';

/** Removes the part of a line that starts inside a box with children. */
export function cutEnd(points: readonly Point[], box: Box | undefined): Point[] {
  if (box === undefined || box.node.states.length === 0) return [...points];
  const isInside = ({ x, y }: Point): boolean =>
    x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
  const first = points.findIndex((point) => !isInside(point));
  const [before, after] = [points[first - 1], points[first]];
  if (before === undefined || after === undefined) return [...points];
  return [border(before, after, box), ...points.slice(first)];
}

/** Returns the point at half the length of a line. */
export function middleOf(points: readonly Point[]): Point {
  const lengths = points.slice(1).map((point, index) => distance(point, points[index] as Point));
  let left = lengths.reduce((sum, length) => sum + length, 0) / 2;
  for (const [index, length] of lengths.entries()) {
    const [from, to] = [points[index] as Point, points[index + 1] as Point];
    if (left <= length && length > 0) {
      return { x: from.x + ((to.x - from.x) * left) / length, y: from.y + ((to.y - from.y) * left) / length };
    }
    left -= length;
  }
  return points[0] ?? { x: 0, y: 0 };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** Returns the point where a line from inside to outside crosses the border of a box. */
function border(inside: Point, outside: Point, { x, y, width, height }: Box): Point {
  const [dx, dy] = [outside.x - inside.x, outside.y - inside.y];
  const shares = [
    dx > 0 ? (x + width - inside.x) / dx : dx < 0 ? (x - inside.x) / dx : 1,
    dy > 0 ? (y + height - inside.y) / dy : dy < 0 ? (y - inside.y) / dy : 1,
  ];
  const share = Math.min(...shares);
  return { x: inside.x + dx * share, y: inside.y + dy * share };
}
