import type { JSX } from 'preact';
import { route } from '../../route.js';
import { look } from '../../session.js';
import { StateBadge } from '../state-badge.js';

/** Shows the chosen CI beside the list; nothing if none is chosen. */
export function Detail(): JSX.Element | null {
  const name = route.value.ci;
  const ci = look().cis.get(name);
  if (name === '') return null;
  return (
    <section class="detail" aria-labelledby="detail-heading">
      <h2 id="detail-heading" tabIndex={-1}>
        {name}
      </h2>
      {ci === undefined ? <p>The pool has no CI named {name}.</p> : <StateBadge state={ci.state} />}
    </section>
  );
}
