import type { JSX } from 'preact';
import type { FleetRow } from '../fleet-rows.js';
import { go, route } from '../route.js';
import { states } from '../states.js';

/** Shows the number of rows in each state. A click filters by that state. */
export function StateCounts({ rows }: { readonly rows: readonly FleetRow[] }): JSX.Element {
  const counts = new Map<string, number>();
  for (const { state } of rows) counts.set(state, (counts.get(state) ?? 0) + 1);
  return (
    <fieldset class="counts">
      <legend class="sr">Filter by state</legend>
      {states.map(({ state, letter, about }) => (
        <button
          key={state}
          type="button"
          title={about}
          class={`count state-${state}`}
          aria-pressed={route.value.states.includes(state)}
          onClick={() => toggle(state)}
        >
          <span class="letter" aria-hidden="true">
            {letter}
          </span>
          <b>{(counts.get(state) ?? 0).toLocaleString('en')}</b> {state}
        </button>
      ))}
    </fieldset>
  );
}

function toggle(state: string): void {
  const { states: chosen } = route.value;
  go({ states: chosen.includes(state) ? chosen.filter((one) => one !== state) : [...chosen, state] });
}
