import { useMemo, useState } from 'preact/hooks';
import type { ChartNode } from '../../feed/records.js';
import { firstOpened, type Opened, openedTo, toggled, type VisibleChart, visibleChart } from './visible-chart.js';

interface VisibleChartState {
  readonly visible: VisibleChart;
  /** Opens or closes a state, or shows more of its children. */
  readonly toggle: (id: string) => void;
  /** Opens all states on the path to the active ones. */
  readonly showActive: () => void;
}

/** Keeps which states of a chart are open. A change of the active states alone changes nothing: it must not lay out again. */
export function useVisibleChart(chart: ChartNode, active: ReadonlySet<string>): VisibleChartState {
  const key = useMemo(() => JSON.stringify(chart), [chart]);
  const first = useMemo(() => firstOpened(chart, active), [key]);
  const [chosen, choose] = useState<{ readonly key: string; readonly opened: Opened } | undefined>(undefined);
  const opened = chosen?.key === key ? chosen.opened : first;
  const visible = useMemo(() => visibleChart(chart, opened, active), [key, opened]);
  return {
    visible,
    toggle: (id) => choose({ key, opened: toggled(opened, id) }),
    showActive: () => choose({ key, opened: openedTo(opened, active) }),
  };
}
