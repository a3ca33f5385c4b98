import type { ConnectionState } from '../../../contract/index.js';
import type { ChartNode, PastTransition, TraceRecord } from '../../feed/records.js';
import { activeIds, contractStateOf, type PlacedTransition } from './activity.js';

/**
 * Adds to each transition the machine's states, from the trace of the connection. They say more than the connection's
 * state, because several states of the machine can share one: `idle` and `resting`.
 */
export function placed(
  history: readonly PastTransition[],
  chart: ChartNode,
  traces: readonly Pick<TraceRecord, 'at' | 'value'>[],
): PlacedTransition[] {
  const seen = traces.map(({ at, value }) => ({ at, ids: activeIds(value) }));
  let first = 0;
  let left: readonly string[] | undefined;
  return history.map((past, index) => {
    const until = history[index + 1]?.at ?? Number.POSITIVE_INFINITY;
    while ((seen[first]?.at ?? Number.POSITIVE_INFINITY) < past.at) first += 1;
    let entered: readonly string[] | undefined;
    for (let i = first; entered === undefined && i < seen.length && (seen[i]?.at ?? 0) <= until; i += 1) {
      const ids = seen[i]?.ids ?? [];
      if (isIn(chart, ids, past.to)) entered = ids;
    }
    const own = { ...past, left, entered };
    left = entered;
    return own;
  });
}

/** Returns a traced state value if it matches the connection's state: an ended trace can be out of date. */
export function valueIn(chart: ChartNode, value: unknown, state: ConnectionState | undefined): unknown {
  return state !== undefined && isIn(chart, activeIds(value), state) ? value : undefined;
}

/** Returns true if one of the machine's states has the tag of a connection's state. */
function isIn(chart: ChartNode, ids: readonly string[], state: ConnectionState): boolean {
  return chart.states.some(
    (node) => ids.includes(node.id) && (contractStateOf(node) === state || isIn(node, ids, state)),
  );
}
