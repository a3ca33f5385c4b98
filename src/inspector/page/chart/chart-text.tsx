import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ChartNode } from '../../feed/records.js';
import { labelOf } from './shapes.js';

interface ChartTextProps {
  readonly chart: ChartNode;
  readonly active: ReadonlySet<string>;
  /** Whether the text is open at first. */
  readonly isOpen: boolean;
}

/** Shows the chart as text, for users who cannot see it, and while it is laid out. */
export function ChartText({ chart, active, isOpen: isOpenAtFirst }: ChartTextProps): JSX.Element {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  return (
    <details class="chart-text" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>The chart in words</summary>
      {isOpen && <States node={chart} active={active} />}
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
