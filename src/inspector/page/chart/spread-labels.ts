import { LETTER_PX, LINE_PX, labelOf, type Point, type Rect, type Wire } from './shapes.js';

/** Moves labels that overlap each other, or the text of a box, to the nearest free position. */
export function spreadLabels(wires: readonly Wire[], obstacles: readonly Rect[]): Wire[] {
  const taken = [...obstacles];
  return [...wires]
    .sort((a, b) => a.at.y - b.at.y)
    .map((wire) => {
      const at = nearestFree(wire, taken);
      taken.push(rectOf(wire, at));
      return { ...wire, at };
    });
}

function nearestFree(wire: Wire, taken: readonly Rect[]): Point {
  const { x, y } = wire.at;
  const [halfWidth, halfHeight] = [widthOf(wire) / 2, heightOf(wire) / 2];
  const beside = taken.flatMap((one): Point[] => [
    { x, y: one.y - halfHeight },
    { x, y: one.y + one.height + halfHeight },
    { x: one.x - halfWidth, y },
    { x: one.x + one.width + halfWidth, y },
  ]);
  const farness = (point: Point): number => Math.hypot(point.x - x, point.y - y);
  const free = [wire.at, ...beside]
    .filter((point) => point.x >= halfWidth && point.y >= halfHeight)
    .sort((a, b) => farness(a) - farness(b))
    .find((point) => !taken.some((one) => overlap(rectOf(wire, point), one)));
  return free ?? wire.at;
}

function rectOf(wire: Wire, { x, y }: Point): Rect {
  const [width, height] = [widthOf(wire), heightOf(wire)];
  return { x: x - width / 2, y: y - height / 2, width, height };
}

function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function widthOf({ edges }: Wire): number {
  return Math.max(...edges.map((edge) => labelOf(edge).length)) * LETTER_PX + 20;
}

function heightOf({ edges }: Wire): number {
  return edges.length * LINE_PX;
}
