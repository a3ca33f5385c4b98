import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { overview } from '../overview.js';
import { go, route } from '../route.js';
import { ciColumns } from './ci-columns.js';
import { StateCounts } from './state-counts.js';

/** Most error codes that are offered. The rarest are left out. */
const MOST_CODES = 8;

/** Chooses the CIs that the list shows. On a phone, a button shows all but the search. */
export function FleetFilters(): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { inTrouble } = overview.value;
  const { search, trouble } = route.value;
  return (
    <div class={`bar filters${isOpen ? ' open' : ''}`}>
      <button
        type="button"
        class={`in-trouble${inTrouble > 0 ? ' some' : ''}`}
        aria-pressed={trouble}
        onClick={() => go({ trouble: !trouble })}
      >
        <span aria-hidden="true">▲</span> in trouble (<b>{inTrouble.toLocaleString('en')}</b>)
      </button>
      <div class="more-filters" id="more-filters">
        <StateCounts />
        <Codes />
        <Sort />
      </div>
      <label class="search">
        <span class="sr">Search</span>
        <input
          id="fleet-search"
          type="search"
          placeholder="Search  ( / )"
          value={search}
          onInput={({ currentTarget }) => go({ search: currentTarget.value })}
        />
      </label>
      <button
        type="button"
        class="filters-button"
        aria-expanded={isOpen}
        aria-controls="more-filters"
        onClick={() => setOpen(!isOpen)}
      >
        Filters
      </button>
    </div>
  );
}

/** Filters by error code: a CI must have failed with one of the chosen codes. */
function Codes(): JSX.Element | null {
  const { codes: chosen } = route.value;
  const { codes } = overview.value;
  // A chosen code stays, so that it can be released.
  const shown = codes.filter(([code], index) => index < MOST_CODES || chosen.includes(code));
  const absent = chosen.filter((code) => !codes.some(([one]) => one === code));
  if (shown.length + absent.length === 0) return null;
  return (
    <fieldset class="codes">
      <legend class="sr">Filter by error code</legend>
      {[...shown, ...absent.map((code) => [code, 0] as const)].map(([code, count]) => (
        <button
          key={code}
          type="button"
          class="code"
          title={`CIs with the error ${code}`}
          aria-pressed={chosen.includes(code)}
          onClick={() =>
            go({ codes: chosen.includes(code) ? chosen.filter((one) => one !== code) : [...chosen, code] })
          }
        >
          {code} <b>{count.toLocaleString('en')}</b>
        </button>
      ))}
    </fieldset>
  );
}

/** Sorts the list where its columns have no titles: on a phone. */
function Sort(): JSX.Element {
  const { sort } = route.value;
  return (
    <label class="sort">
      Sort by{' '}
      <select value={sort.replace('-', '')} onChange={({ currentTarget }) => go({ sort: currentTarget.value })}>
        {ciColumns.map(({ key, title }) => (
          <option key={key} value={key}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}
