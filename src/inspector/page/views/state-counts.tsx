import type { JSX } from 'preact';
import type { CiRow } from '../../feed/records.js';
import { go, route } from '../route.js';
import { look } from '../session.js';
import { type State, states } from '../states.js';

/** Shows the number of connections in each state. A click filters by that state. */
export function StateCounts(): JSX.Element {
  const counts = countsOf(look().cis.values());
  return (
    <fieldset class="counts">
      <legend class="sr">Filter by state</legend>
      {states.map(({ state, letter, about }) => (
        <button
          key={state}
          type="button"
          title={about}
          class={`count state-${state}${counts.has(state) ? '' : ' none'}`}
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

/** Returns the number of connections in each state. A CI without connections counts with its own state, as a quarantined one. */
function countsOf(cis: Iterable<CiRow>): ReadonlyMap<State, number> {
  const counts = new Map<State, number>();
  const count = (state: State): void => void counts.set(state, (counts.get(state) ?? 0) + 1);
  for (const { state, connections } of cis) {
    if (state === 'quarantined' || connections.length === 0) count(state);
    else for (const connection of connections) count(connection.state);
  }
  return counts;
}

function toggle(state: string): void {
  const { states: chosen } = route.value;
  go({ states: chosen.includes(state) ? chosen.filter((one) => one !== state) : [...chosen, state] });
}
