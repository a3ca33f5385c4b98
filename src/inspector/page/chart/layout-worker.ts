/** Lays out charts in a worker, because a large one takes seconds, and the page must go on meanwhile. */
import { layoutChart } from './layout-chart.js';
import type { ChartLayout, DrawnNode } from './shapes.js';

/** The part of a worker's global object that is used here. The page's types are those of a window. */
interface WorkerScope {
  onmessage: (event: MessageEvent<DrawnNode>) => void;
  postMessage(layout: ChartLayout): void;
}

const scope = globalThis as unknown as WorkerScope;
scope.onmessage = ({ data }) => scope.postMessage(layoutChart(data));
