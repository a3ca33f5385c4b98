import type { JSX } from 'preact';
import { letterOf, type State } from '../states.js';

export function StateBadge({ state }: { readonly state: State }): JSX.Element {
  return (
    <span class={`badge state-${state}`}>
      <span class="letter" aria-hidden="true">
        {letterOf(state)}
      </span>
      {state}
    </span>
  );
}
