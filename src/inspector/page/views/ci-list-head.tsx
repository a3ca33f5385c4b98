import type { JSX } from 'preact';
import { go, route } from '../route.js';
import { ciColumns } from './ci-columns.js';

/** Shows the titles of the columns. A click sorts by a column; a second one reverses the order. */
export function CiListHead(): JSX.Element {
  const { sort } = route.value;
  return (
    <div class="tr head" role="row" aria-rowindex={1}>
      {ciColumns.map(({ key, title, about, isNumber, isLargestFirst }) => (
        <div
          key={key}
          role="columnheader"
          class={`cell-${key}${isNumber ? ' number' : ''}`}
          aria-sort={directionOf(sort, key, isLargestFirst)}
        >
          <button type="button" title={about} onClick={() => sortBy(key)}>
            {title}
          </button>
        </div>
      ))}
    </div>
  );
}

/** Reads the present order, not the drawn one: a second click can come before the next frame. */
function sortBy(key: string): void {
  go({ sort: route.value.sort === key ? `-${key}` : key });
}

function directionOf(sort: string, key: string, isLargestFirst: boolean): 'ascending' | 'descending' | 'none' {
  if (sort !== key && sort !== `-${key}`) return 'none';
  return (sort === key) === isLargestFirst ? 'descending' : 'ascending';
}
