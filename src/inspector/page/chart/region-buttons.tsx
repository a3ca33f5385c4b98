import type { JSX } from 'preact';
import type { Box, ChartLayout } from './shapes.js';

interface RegionButtonsProps {
  readonly layout: ChartLayout;
  readonly toggle: (id: string) => void;
}

/** Lays buttons over the drawing: on each closed box, to open it, and in the corner of each open one, to close it. */
export function RegionButtons({ layout, toggle }: RegionButtonsProps): JSX.Element {
  return (
    <>
      {layout.boxes.flatMap((box) => {
        const { node } = box;
        if (node.hidden !== undefined) {
          const name = `Open ${node.key.endsWith(' more') ? '' : `${node.key}: `}${node.hidden} states`;
          return (
            <button
              key={node.id}
              type="button"
              class="region-open"
              aria-label={name}
              title={name}
              aria-expanded="false"
              style={placeOf(box, layout)}
              onClick={() => toggle(node.id)}
            />
          );
        }
        if (node.states.length === 0) return [];
        return (
          <button
            key={node.id}
            type="button"
            class="region-close"
            aria-label={`Close ${node.key}`}
            title={`Close ${node.key}`}
            aria-expanded="true"
            style={placeOf(cornerOf(box), layout)}
            onClick={() => toggle(node.id)}
          >
            ▾
          </button>
        );
      })}
    </>
  );
}

type Area = Pick<Box, 'x' | 'y' | 'width' | 'height'>;

/** Size of the button that closes a box. */
const CORNER_PX = 24;

function cornerOf({ x, y, width }: Box): Area {
  return { x: x + width - CORNER_PX - 2, y: y + 2, width: CORNER_PX, height: CORNER_PX };
}

/** Returns a place in shares of the drawing, so that the buttons keep to it at any size. */
function placeOf({ x, y, width, height }: Area, layout: ChartLayout): JSX.CSSProperties {
  const share = (part: number, whole: number): string => `${(part / whole) * 100}%`;
  return {
    left: share(x, layout.width),
    top: share(y, layout.height),
    width: share(width, layout.width),
    height: share(height, layout.height),
  };
}
