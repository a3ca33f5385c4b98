import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ChartLayout, DrawnNode } from './shapes.js';

/** The layout of a chart: absent until the first one is ready. The last one stays while the next is made. */
export interface LayoutState {
  readonly layout: ChartLayout | undefined;
  readonly is: 'ready' | 'running' | 'failed';
}

/** Most layouts that are kept, for a change back to an earlier chart. */
const MOST_KEPT = 20;
const kept = new Map<string, ChartLayout>();

/** Lays out a chart in a worker. Starts again only if the chart's content changes. */
export function useLayout(chart: DrawnNode): LayoutState {
  const key = useMemo(() => JSON.stringify(chart), [chart]);
  const [state, setState] = useState<LayoutState & { readonly key: string }>({ key: '', ...stateOf(key) });
  const machine = useRef(chart.id);
  // Before the page is painted: a large page paints for longer than a layout may take.
  useLayoutEffect(() => {
    const isSameMachine = machine.current === chart.id;
    machine.current = chart.id;
    const found = kept.get(key);
    if (found !== undefined) return setState({ key, layout: found, is: 'ready' });
    // The picture of another machine would be wrong.
    setState((last) => ({ key, layout: isSameMachine ? last.layout : undefined, is: 'running' }));
    return layOut(chart, (layout) => {
      if (layout === undefined) return setState((last) => ({ ...last, key, is: 'failed' }));
      keep(key, layout);
      setState({ key, layout, is: 'ready' });
    });
  }, [key]);
  return state.key === key || machine.current === chart.id ? state : stateOf(key);
}

function stateOf(key: string): LayoutState {
  const layout = kept.get(key);
  return { layout, is: layout === undefined ? 'running' : 'ready' };
}

function keep(key: string, layout: ChartLayout): void {
  kept.set(key, layout);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
}

/** A worker that waits for its next layout: to start another takes time. */
let idle: Worker | undefined;

/** True once a worker was started. */
let isPrepared = false;

/** Starts the worker of the first layout, so that it is ready when the chart arrives. Does nothing later. */
export function prepareLayout(): void {
  if (!isPrepared) idle = newWorker();
}

function newWorker(): Worker {
  isPrepared = true;
  return new Worker('layout-worker.js');
}

/** Runs a worker for one layout. Returns how to stop it. */
function layOut(chart: DrawnNode, onDone: (layout: ChartLayout | undefined) => void): () => void {
  const worker = idle ?? newWorker();
  idle = undefined;
  let isOver = false;
  worker.onmessage = ({ data }: MessageEvent<ChartLayout>) => {
    isOver = true;
    if (idle === undefined) idle = worker;
    else worker.terminate();
    onDone(data);
  };
  worker.onerror = () => {
    isOver = true;
    worker.terminate();
    onDone(undefined);
  };
  worker.postMessage(chart);
  return () => {
    if (!isOver) worker.terminate();
  };
}
