import type { JSX } from 'preact';
import { CopyText } from '../../content/copy-text.js';
import { now } from '../../session.js';
import { clock } from '../../spans.js';
import { Actions } from '../actions.js';
import type { KnownChoice } from './chosen-ci.js';
import { ConnectionList } from './connection-list.js';
import { ciText } from './copies.js';
import { DetailBar } from './detail-bar.js';
import { DetailHead } from './detail-head.js';
import { Facts, factsOf } from './facts.js';
import { FailuresTable } from './failures-table.js';
import { LastError } from './last-error.js';
import { WindowsTable } from './windows-table.js';

/** Shows all that the page knows of a CI. */
export function CiDetail({ is, ci, pasts, at }: KnownChoice): JSX.Element {
  const isRemoved = is === 'removed';
  // Nothing happens to a removed CI: its durations stay.
  const time = isRemoved ? at : now.value;
  return (
    <>
      <DetailBar name={ci.ci}>
        <CopyText name="Copy as JSON" text={() => ciText(ci, pasts)} />
      </DetailBar>
      <DetailHead ci={ci} isRemoved={isRemoved} at={time} />
      <div class="detail-body">
        {isRemoved && (
          <p class="detail-removed" role="status">
            <b>removed</b> at {clock(at)}: the pool has no CI of this name any more. This is its last known state.
          </p>
        )}
        <LastError ci={ci} at={time} />
        <WindowsTable ci={ci} />
        <FailuresTable ci={ci} />
        <ConnectionList ci={ci} pasts={pasts} isRemoved={isRemoved} at={time} />
        <section>
          <h3>Facts</h3>
          <Facts facts={factsOf(ci)} />
          {!isRemoved && <Actions ci={ci} on="ci" />}
        </section>
      </div>
    </>
  );
}
