import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { CiRow, ConnectionRow, PastTransition } from '../../../feed/records.js';
import { go, hashOf, route, type View } from '../../route.js';
import { ago, clock, wholeSeconds } from '../../spans.js';
import { backoffLeftMs, nextDialText } from '../../troubles.js';
import { Actions } from '../actions.js';
import { StateBadge } from '../state-badge.js';
import { correlations } from './connection-texts.js';
import { type Fact, Facts } from './facts.js';

const links: readonly [View, string][] = [
  ['statechart', 'Statechart'],
  ['timeline', 'Timeline'],
  ['sequence', 'Sequence'],
];

interface ConnectionItemProps {
  readonly ci: CiRow;
  readonly connection: ConnectionRow;
  /** Its last transitions, oldest first. */
  readonly past: readonly PastTransition[];
  /** Most transitions that are shown at first. */
  readonly mostPast: number;
  readonly isRemoved: boolean;
  readonly at: number;
}

/** Shows one connection, its last transitions, its other views and its actions. */
export function ConnectionItem({
  ci,
  connection: row,
  past,
  mostPast,
  isRemoved,
  at,
}: ConnectionItemProps): JSX.Element {
  const { connection: name, state, since, attempt, inFlight, abandoned, correlation } = row;
  const leftMs = isRemoved ? undefined : backoffLeftMs(row, at);
  const facts: Fact[] = [
    ['attempts', attempt, 'Failed attempts in a row'],
    ['in flight', inFlight, 'Requests sent and not settled'],
    ['abandoned', abandoned, 'Abandoned requests whose replies have not arrived yet'],
    ['answers', correlations[correlation], 'How the peer matches replies to requests'],
  ];
  return (
    <li>
      <div class="detail-connection">
        <h4>{name}</h4>
        <StateBadge state={state} />
        <small>
          since {clock(since)} ({ago(at - since)})
        </small>
      </div>
      {leftMs !== undefined && (
        <p class="detail-backoff">
          <span class="detail-left" aria-hidden="true">
            <span style={{ width: `${(leftMs / row.delayMs) * 100}%` }} />
          </span>
          {nextDialText(leftMs)} <small>of {wholeSeconds(row.delayMs)}</small>
        </p>
      )}
      <Facts facts={facts} />
      <Past of={name} past={past} most={mostPast} />
      {!isRemoved && (
        <div class="detail-foot">
          <p class="detail-links">
            {links.map(([view, title]) => (
              <a
                key={view}
                href={hashOf({ ...route.value, view, connection: name })}
                aria-label={`${title} of ${name}`}
                onClick={(event) => {
                  event.preventDefault();
                  go({ view, connection: name });
                }}
              >
                {title}
              </a>
            ))}
          </p>
          <Actions ci={ci} connection={row} on="connection" />
        </div>
      )}
    </li>
  );
}

interface PastProps {
  readonly of: string;
  readonly past: readonly PastTransition[];
  readonly most: number;
}

/** Shows transitions, the newest first. */
function Past({ of, past, most }: PastProps): JSX.Element | null {
  const [isWhole, setWhole] = useState(false);
  if (past.length === 0) return null;
  const shown = [...past].reverse().slice(0, isWhole ? undefined : most);
  return (
    <>
      <ol class="detail-past" aria-label={`Last changes of ${of}`}>
        {shown.map(({ at, from, to, reason }, index) => (
          // Counted from the oldest, because a new one comes first.
          <li key={past.length - index}>
            <time dateTime={new Date(at).toISOString()}>{clock(at, 'ms')}</time>
            <span class="detail-from">
              {from} <span>→</span>
            </span>{' '}
            <span class="detail-to">
              <StateBadge state={to} /> <span class="detail-reason">{reason}</span>
            </span>
          </li>
        ))}
      </ol>
      {past.length > most && (
        <button type="button" class="link" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? `Show only ${most}` : `Show all ${past.length} changes`}
        </button>
      )}
    </>
  );
}
