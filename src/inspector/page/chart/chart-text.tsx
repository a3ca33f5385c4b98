import type { JSX } from 'preact';
import type { ChartNode } from '../../feed/records.js';
import { labelOf } from './shapes.js';

/** Shows the chart as text, for users who cannot see it. */
export function ChartText({ chart, active }: { chart: ChartNode; active: ReadonlySet<string> }): JSX.Element {
  return (
    <details class="chart-text">
      <summary>The chart in words</summary>
      <States node={chart} active={active} />
    </details>
  );
}

function States({ node, active }: { node: ChartNode; active: ReadonlySet<string> }): JSX.Element {
  return (
    <ul>
      {node.states.map((state) => (
        <li key={state.id} aria-current={active.has(state.id) ? 'true' : undefined}>
          <b>{state.key}</b>
          {active.has(state.id) && ' (active)'} {state.description}
          {state.edges.length > 0 && (
            <ul>
              {state.edges.map((edge) => (
                <li key={`${labelOf(edge)} ${edge.targets}`}>
                  {labelOf(edge)} → {edge.targets.join(', ') || 'stays'}. {edge.description}
                </li>
              ))}
            </ul>
          )}
          {state.states.length > 0 && <States node={state} active={active} />}
        </li>
      ))}
    </ul>
  );
}
