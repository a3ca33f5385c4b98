import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { TraceRecord } from '../../feed/records.js';
import { placed, valueIn } from '../chart/placed.js';
import { StatechartView } from '../chart/statechart-view.js';
import { orderings } from '../orderings.js';
import { route } from '../route.js';
import { look, model, now, source } from '../session.js';
import { clock, span } from '../spans.js';
import { useTrace } from '../use-trace.js';
import { Actions } from './actions.js';
import { ConnectionPicker } from './connection-picker.js';
import { PastList } from './past-list.js';
import { StateBadge } from './state-badge.js';

/** Shows the machine of the chosen connection, its current state, its facts and its history. */
export function StatechartPanel(): JSX.Element {
  const name = route.value.connection;
  useTrace(name);
  const chosen = look()
    .connections()
    .find(({ connection }) => connection.connection === name);
  const chart = model.hello?.machines.connection;
  const history = model.histories.get(name) ?? [];
  const visited = useMemo(
    () => (chart === undefined ? history : placed(history, chart, model.traces.items.filter(isStateOf(name)))),
    [name, chart, model.version.value],
  );
  const { value } = source;
  const at = value.from === 'file' ? value.replay.time.value : now.value;
  const connection = chosen?.connection;
  return (
    <>
      <ConnectionPicker />
      {chart === undefined ? (
        <p class="empty">Waiting for the first state…</p>
      ) : (
        <div class="columns">
          <StatechartView
            chart={chart}
            value={valueIn(chart, model.values.get(`${name} ${name}`), connection?.state)}
            state={connection?.state}
            history={visited}
            now={at}
            {...(connection === undefined ? {} : { since: connection.since, delayMs: connection.delayMs })}
          />
          <aside>
            {chosen === undefined || connection === undefined ? (
              <p class="empty">{name === '' ? 'Choose a connection.' : `${name} is gone.`}</p>
            ) : (
              <>
                <h2>{name}</h2>
                <dl>
                  <Fact name="state">
                    <StateBadge state={connection.state} /> for {span(at - connection.since)}
                  </Fact>
                  <Fact name="CI">{chosen.ci.ci}</Fact>
                  <Fact name="address">{chosen.ci.url}</Fact>
                  <Fact name="in flight">{connection.inFlight}</Fact>
                  <Fact name="answers">
                    {connection.correlation === 'byId' ? orderings.byId : orderings[chosen.ci.ordering]}
                  </Fact>
                  <Fact name="abandoned">{connection.abandoned}</Fact>
                  <Fact name="failures in a row">{connection.attempt}</Fact>
                </dl>
                <Actions ci={chosen.ci} connection={connection} />
              </>
            )}
            <h2>History</h2>
            <PastList of="Changes of state">
              {[...history].reverse().map((past) => (
                <li key={`${past.at} ${past.to}`}>
                  <time>{clock(past.at, 'ms')}</time> <StateBadge state={past.to} /> <span>{past.reason}</span>
                </li>
              ))}
            </PastList>
          </aside>
        </div>
      )}
    </>
  );
}

function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: JSX.Element | string | number | (JSX.Element | string)[];
}): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Returns a filter for the records of the connection's states. */
function isStateOf(name: string) {
  return ({ kind, root, to }: TraceRecord): boolean => kind === 'state' && root === name && to === name;
}
