import type { JSX } from 'preact';
import { allRows, shownRows } from '../fleet-rows.js';
import { go, route } from '../route.js';
import { look, model } from '../session.js';
import { FleetGrid } from './fleet-grid.js';
import { FleetTable } from './fleet-table.js';
import { StateCounts } from './state-counts.js';

/** Shows all connections of the pool: counts, a grid and a table. */
export function FleetView(): JSX.Element {
  const all = allRows(look());
  const shown = shownRows(all, route.value);
  const { summary } = model;
  return (
    <>
      <div class="bar">
        <StateCounts rows={all} />
        <label class="search">
          <span class="sr">Search</span>
          <input
            type="search"
            placeholder="Search  ( / )"
            value={route.value.search}
            onInput={({ currentTarget }) => go({ search: currentTarget.value })}
          />
        </label>
      </div>
      <p class="facts">
        <b>{shown.length.toLocaleString('en')}</b> of {all.length.toLocaleString('en')} shown
        {summary !== undefined && (
          <>
            {' · '}
            <b>{summary.perSecond.toLocaleString('en')}</b> requests/s · <b>{summary.inFlight}</b> in flight ·{' '}
            <b>{summary.waiting}</b> waiting
          </>
        )}
      </p>
      {all.length === 0 ? <Empty /> : <FleetGrid rows={shown} />}
      <FleetTable rows={shown} />
    </>
  );
}

function Empty(): JSX.Element {
  return <p class="empty">{model.isReady ? 'The pool has no CI.' : 'Waiting for the first state…'}</p>;
}
