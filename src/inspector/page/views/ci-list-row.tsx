import type { JSX } from 'preact';
import type { ConnectionRow } from '../../feed/records.js';
import { route } from '../route.js';
import { model, now } from '../session.js';
import { span } from '../spans.js';
import { troubleOf } from '../troubles.js';
import { ciColumns } from './ci-columns.js';
import { connectionOf, type ListRow } from './ci-rows.js';
import { StateBadge } from './state-badge.js';

interface CiListRowProps {
  readonly row: ListRow;
  readonly index: number;
  readonly topPx: number;
  readonly isChosen: boolean;
  readonly isOpen: boolean;
  readonly onChoose: () => void;
  readonly onToggle: () => void;
}

/** Shows one row of the list: a CI or a connection. Reads the newest state; shows nothing if it is gone. */
export function CiListRow(props: CiListRowProps): JSX.Element | null {
  const { row, index, topPx, isChosen, isOpen, onChoose } = props;
  const ci = model.cis.get(row.ci);
  if (ci === undefined) return null;
  const isCi = row.connection === '';
  const trouble = isCi ? troubleOf(ci, now.value) : undefined;
  const connection = connectionOf(row, ci);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the treegrid handles the keys, for its active descendant
    <div
      id={`row-${index}`}
      class={`tr${isChosen ? ' active' : ''}${isCi ? '' : ' child'}${trouble ? ` in-${trouble.severity}` : ''}`}
      role="row"
      tabIndex={-1}
      aria-level={isCi ? 1 : 2}
      aria-expanded={isCi && ci.connections.length > 0 ? isOpen : undefined}
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      style={{ transform: `translateY(${topPx}px)` }}
      onClick={onChoose}
    >
      {isCi
        ? ciColumns.map(({ key, cell, isNumber }) => (
            <div key={key} role="gridcell" class={`cell-${key}${isNumber ? ' number' : ''}`}>
              {key === 'ci' && <Twist {...props} count={ci.connections.length} />}
              {key === 'ci' ? <span class="ci-name">{ci.ci}</span> : cell(ci, { trouble, window: route.value.window })}
            </div>
          ))
        : connection !== undefined && <ConnectionCells {...connection} />}
    </div>
  );
}

function ConnectionCells({ connection, state, since, attempt, delayMs, inFlight }: ConnectionRow): JSX.Element {
  const isWaiting = state === 'reconnecting' && delayMs > 0;
  return (
    <>
      <div role="gridcell" class="cell-ci">
        <span class="ci-name">{connection}</span>
      </div>
      <div role="gridcell" class="cell-state">
        <StateBadge state={state} />
      </div>
      <div role="gridcell" class="cell-trouble">
        for {span(now.value - since)}
        {attempt > 0 && ` · ${attempt} ${attempt === 1 ? 'attempt' : 'attempts'}`}
        {isWaiting && ` · next dial in ${span(Math.max(0, since + delayMs - now.value))}`}
      </div>
      <div role="gridcell" class="cell-inFlight number">
        {inFlight === 0 ? <span class="quiet">–</span> : inFlight}
      </div>
    </>
  );
}

/** Shows or hides a CI's connections. The keys Right and Left do the same: it is not in the order of focus. */
function Twist({ row, isOpen, onToggle, count }: CiListRowProps & { readonly count: number }): JSX.Element {
  if (count === 0) return <span class="twist" />;
  return (
    <button
      type="button"
      class="twist"
      tabIndex={-1}
      aria-label={`${isOpen ? 'Hide' : 'Show'} the connections of ${row.ci}`}
      onClick={(event) => {
        event.stopPropagation();
        onToggle();
      }}
    >
      <span aria-hidden="true">▸</span>
    </button>
  );
}
