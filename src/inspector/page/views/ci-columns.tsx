import type { ComponentChildren } from 'preact';
import type { CiRow } from '../../feed/records.js';
import { rateOf } from '../ci-list.js';
import type { WindowChoice } from '../route.js';
import { clock, latency, perSecond, share } from '../spans.js';
import { errorRateOf, errorShareOf, type Trouble } from '../troubles.js';
import { StateBadge } from './state-badge.js';
import { shapes, TroubleMark } from './trouble-mark.js';

/** What a cell shows, beside its CI. */
export interface CellContext {
  readonly trouble: Trouble | undefined;
  readonly window: WindowChoice;
}

/** Describes a column of the list of CIs. Its key is a sort key, too. */
export interface CiColumn {
  readonly key: string;
  readonly title: string;
  readonly about: string;
  readonly cell: (ci: CiRow, context: CellContext) => ComponentChildren;
  /** True for numbers, and for what sorts by urgency: the largest comes first. */
  readonly isLargestFirst: boolean;
  readonly isNumber?: boolean;
}

/** Shows a number, or a pale dash for 0: the eye finds the others. */
function quiet(value: number, text: string): ComponentChildren {
  return value === 0 ? <span class="quiet">–</span> : text;
}

const number = (
  key: string,
  title: string,
  about: string,
  cell: (ci: CiRow, window: WindowChoice) => ComponentChildren,
): CiColumn => ({
  key,
  title,
  about,
  isNumber: true,
  isLargestFirst: true,
  cell: (ci, { window }) => cell(ci, window),
});

export const ciColumns: readonly CiColumn[] = [
  { key: 'ci', title: 'CI', about: 'Its name', isLargestFirst: false, cell: ({ ci }) => ci },
  {
    key: 'state',
    title: 'State',
    about: 'The best state among its connections',
    isLargestFirst: true,
    cell: ({ state }, { trouble }) => (
      <>
        <StateBadge state={state} />
        {trouble !== undefined && <TroubleMark {...trouble} />}
      </>
    ),
  },
  {
    key: 'trouble',
    title: 'Trouble',
    about: 'What is wrong with it, the worst first',
    isLargestFirst: true,
    cell: (_, { trouble }) =>
      trouble !== undefined && (
        <span class={`mark-${trouble.severity}`} title={trouble.texts.join('\n')}>
          <span aria-hidden="true">{shapes[trouble.severity]}</span> {trouble.texts.join(' · ')}
        </span>
      ),
  },
  number('inFlight', 'In flight', 'Requests sent and not settled', ({ inFlight }) => quiet(inFlight, count(inFlight))),
  number('waiting', 'Waiting', 'Requests that wait for a slot', ({ waiting }) => quiet(waiting, count(waiting))),
  number('rate', 'Req/s', 'Requests that ended per second, in the chosen window', (ci, window) => {
    const rate = rateOf(ci, window);
    return quiet(rate, perSecond(rate));
  }),
  number('p50', 'p50 ms', 'Median service time in the chosen window', ({ recent }, window) => {
    const ms = recent?.[window].p50 ?? 0;
    return quiet(ms, latency(ms));
  }),
  number('p99', 'p99 ms', '99th percentile of the service time in the chosen window', ({ recent }, window) => {
    const ms = recent?.[window].p99 ?? 0;
    return quiet(ms, latency(ms));
  }),
  number('errors', 'Err/s', 'Failed requests per second, in the last 30 s', (ci) => {
    const rate = errorRateOf(ci);
    return quiet(rate, perSecond(rate));
  }),
  number('share', 'Err %', 'Share of the requests of the last 30 s that failed', (ci) => {
    const part = errorShareOf(ci);
    return quiet(part, share(part));
  }),
  {
    key: 'lastError',
    title: 'Last error',
    about: 'The newest comes first',
    isLargestFirst: true,
    cell: ({ lastError }) =>
      lastError !== undefined && (
        <span title={lastError.message}>
          <time>{clock(lastError.at)}</time> {lastError.message}
        </span>
      ),
  },
];

function count(value: number): string {
  return value.toLocaleString('en');
}
