import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { CiRow } from '../../../feed/records.js';
import type { Pasts } from './chosen-ci.js';
import { ConnectionItem } from './connection-item.js';
import { countsText } from './connection-texts.js';

/** Most connections that are shown at first. */
const FIRST = 20;
/** Up to this number of connections, each shows several of its last transitions. */
const FEW = 3;

interface ConnectionListProps {
  readonly ci: CiRow;
  readonly pasts: Pasts;
  readonly isRemoved: boolean;
  readonly at: number;
}

/** Shows the connections of a CI in the pool's order, so that none moves while the user reads. */
export function ConnectionList({ ci, pasts, isRemoved, at }: ConnectionListProps): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const { connections } = ci;
  const shown = isWhole ? connections : connections.slice(0, FIRST);
  return (
    <section>
      <h3>
        Connections <small>{countsText(connections)}</small>
      </h3>
      <ul class="detail-connections">
        {shown.map((connection) => (
          <ConnectionItem
            key={connection.connection}
            ci={ci}
            connection={connection}
            past={pasts.get(connection.connection) ?? []}
            mostPast={connections.length <= FEW ? 5 : 1}
            isRemoved={isRemoved}
            at={at}
          />
        ))}
      </ul>
      {shown.length < connections.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {connections.length} connections
        </button>
      )}
    </section>
  );
}
