import type { JSX } from 'preact';
import type { CiRow } from '../../../feed/records.js';
import { CopyText } from '../../content/copy-text.js';
import { clock, span } from '../../spans.js';
import { troubleLinesOf } from '../../troubles.js';
import { StateBadge } from '../state-badge.js';
import { shapes } from '../trouble-mark.js';
import type { Pasts } from './chosen-ci.js';
import { CloseButtons } from './close-buttons.js';
import { HEADING_ID } from './close-detail.js';
import { ciText } from './copies.js';

interface DetailHeadProps {
  readonly ci: CiRow;
  readonly pasts: Pasts;
  readonly isRemoved: boolean;
  readonly at: number;
}

/** Shows the CI's name, address, state and troubles. */
export function DetailHead({ ci, pasts, isRemoved, at }: DetailHeadProps): JSX.Element {
  return (
    <header class="detail-head">
      <CloseButtons />
      <h2 id={HEADING_ID} tabIndex={-1}>
        {ci.ci}
      </h2>
      <p class="detail-url">{ci.url}</p>
      <p class="detail-state">
        <StateBadge state={ci.state} />
        <small>
          since {clock(ci.since)} ({span(at - ci.since)})
        </small>
        <span class="detail-copy">
          <CopyText name="Copy as JSON" text={() => ciText(ci, pasts)} />
        </span>
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
    </header>
  );
}
