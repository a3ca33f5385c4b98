import 'uplot/dist/uPlot.min.css';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Summary } from '../../feed/records.js';
import { theme } from '../theme.js';
import type { Range } from './draw-lanes.js';

interface CurvesProps {
  readonly title: string;
  readonly summaries: readonly Summary[];
  readonly range: Range;
  readonly series: readonly {
    readonly label: string;
    readonly of: (summary: Summary) => number;
    readonly colour: string;
  }[];
}

const HEIGHT_PX = 120;

/** Draws curves over the same time range as the lanes. */
export function RateCurves({ title, summaries, range, series }: CurvesProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  useEffect(() => {
    const node = box.current;
    if (node === null) return;
    const style = getComputedStyle(node);
    const axis = {
      stroke: style.getPropertyValue('--muted'),
      grid: { stroke: style.getPropertyValue('--line'), width: 1 },
    };
    plot.current = new uPlot(
      {
        width: node.clientWidth,
        height: HEIGHT_PX,
        ms: 1,
        cursor: { y: false },
        legend: { live: false },
        scales: { x: { time: true } },
        axes: [{ ...axis }, { ...axis, size: 52 }],
        series: [
          {},
          ...series.map(({ label, colour }) => ({
            label,
            stroke: style.getPropertyValue(colour),
            width: 1.5,
            points: { show: false },
          })),
        ],
      },
      [[], ...series.map(() => [])] as uPlot.AlignedData,
      node,
    );
    const watch = new ResizeObserver(() => plot.current?.setSize({ width: node.clientWidth, height: HEIGHT_PX }));
    watch.observe(node);
    return () => {
      watch.disconnect();
      plot.current?.destroy();
    };
  }, [theme.value]);
  useEffect(() => {
    const data = [summaries.map(({ at }) => at), ...series.map(({ of }) => summaries.map(of))] as uPlot.AlignedData;
    plot.current?.setData(data, false);
    plot.current?.setScale('x', { min: range.from, max: range.to });
  }, [summaries, range, theme.value]);
  const last = summaries.at(-1);
  const text = last === undefined ? '' : series.map(({ label, of }) => `${label} ${of(last)}`).join(', ');
  return (
    <figure class="curves">
      <figcaption>{title}</figcaption>
      <div ref={box} role="img" aria-label={`${title}, last: ${text}`} />
    </figure>
  );
}
