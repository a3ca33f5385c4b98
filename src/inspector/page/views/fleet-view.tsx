import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { listOf } from '../ci-list.js';
import { overview } from '../overview.js';
import { go, route } from '../route.js';
import { look } from '../session.js';
import { CiListView } from './ci-list-view.js';
import { Detail } from './detail/detail.js';
import { FleetFacts } from './fleet-facts.js';
import { FleetFilters } from './fleet-filters.js';
import { FleetGrid } from './fleet-grid.js';
import { useHeldOrder } from './use-held-order.js';

/** Shows the pool: its requests, the filters, a cell and a row for each CI, and the chosen CI beside them. */
export function FleetView(): JSX.Element {
  const { cis } = look();
  const { search, sort, states, codes, trouble, window, ci } = route.value;
  const choice = JSON.stringify([search, sort, states, codes, trouble, window]);
  const sorted = useMemo(() => listOf(overview.value, route.value), [overview.value, choice]);
  const { names, isHeld, onPointer, onKey } = useHeldOrder(sorted, choice);
  return (
    <div class="fleet">
      <FleetFacts />
      <FleetFilters />
      {names.length > 0 && <FleetGrid names={names} />}
      <div class={`list-and-detail${ci === '' ? '' : ' has-detail'}`}>
        <div class="list-side">
          {names.length === 0 ? (
            <Nothing isEmpty={cis.size === 0} />
          ) : (
            <CiListView names={names} onPointer={onPointer} onKey={onKey} />
          )}
          <Foot shown={names.length} isHeld={isHeld} />
        </div>
        {ci !== '' && <Detail />}
      </div>
    </div>
  );
}

/** Says how many CIs are shown, and whether these are all. */
function Foot({ shown, isHeld }: { readonly shown: number; readonly isHeld: boolean }): JSX.Element {
  const { cis, hello, isReady, loaded, expected } = look();
  const count = (value: number): string => value.toLocaleString('en');
  return (
    <p class="list-foot">
      {(isReady || shown > 0) && (
        <span class="shown">
          <b>{count(shown)}</b> of {count(cis.size)} CIs
        </span>
      )}
      {hello !== undefined && !isReady && (
        <span class="loading">
          loading {count(loaded)} of {count(expected)}
        </span>
      )}
      {isHeld && <span class="held">order held</span>}
    </p>
  );
}

/** Says why no CI is shown. */
function Nothing({ isEmpty }: { readonly isEmpty: boolean }): JSX.Element {
  const { isReady } = look();
  const { search } = route.value;
  // The CIs that have arrived are not assessed yet.
  if (!isReady) return <p class="nothing">Waiting for the first state…</p>;
  if (isEmpty) return <p class="nothing">The pool has no CI.</p>;
  return (
    <div class="nothing">
      <p role="status">{search === '' ? 'No CI matches these filters.' : `No CI matches “${search}”.`}</p>
      <button type="button" onClick={() => go({ search: '', states: [], codes: [], trouble: false })}>
        {search === '' ? 'Clear the filters' : 'Clear the search'}
      </button>
    </div>
  );
}
