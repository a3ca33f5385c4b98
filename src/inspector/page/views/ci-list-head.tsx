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
          <button type="button" title={about} onClick={() => go({ sort: sort === key ? `-${key}` : key })}>
            {title}
          </button>
        </div>
      ))}
    </div>
  );
}

function directionOf(sort: string, key: string, isLargestFirst: boolean): 'ascending' | 'descending' | 'none' {
  if (sort !== key && sort !== `-${key}`) return 'none';
  return (sort === key) === isLargestFirst ? 'descending' : 'ascending';
}
