import type { JSX } from 'preact';
import type { CiRow } from '../../../feed/records.js';
import { ago, clock } from '../../spans.js';
import { troubleLinesOf } from '../../troubles.js';
import { StateBadge } from '../state-badge.js';
import { shapes } from '../trouble-mark.js';

interface DetailHeadProps {
  readonly ci: CiRow;
  readonly isRemoved: boolean;
  readonly at: number;
}

/** Shows the CI's address, state and troubles. */
export function DetailHead({ ci, isRemoved, at }: DetailHeadProps): JSX.Element {
  return (
    <div class="detail-head">
      <p class="detail-url">{ci.url}</p>
      <p class="detail-state">
        <StateBadge state={ci.state} />
        <small>
          since {clock(ci.since)} ({ago(at - ci.since)})
        </small>
      </p>
      {!isRemoved && (
        <ul class="detail-troubles" aria-label="Troubles">
          {troubleLinesOf(ci, at).map(({ kind, severity, text }) => (
            <li key={kind} class={`mark-${severity}`}>
              <span aria-hidden="true">{shapes[severity]}</span> {text}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
