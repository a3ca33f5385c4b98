import type { JSX } from 'preact';
import type { CiRow } from '../../feed/records.js';
import { orderings } from '../orderings.js';
import { go, route } from '../route.js';
import { look, model } from '../session.js';
import { clock } from '../spans.js';
import { urgencyOf } from '../states.js';
import { Actions } from './actions.js';
import { PastList } from './past-list.js';
import { StateBadge } from './state-badge.js';

/** Most CIs on the page. CIs with problems come first; a search finds the others. */
const MOST_SHOWN = 200;

/** Shows the supervision tree: the pool, its CIs, their connections and the incidents. */
export function SupervisionView(): JSX.Element {
  const { incidents } = look();
  const text = route.value.search.toLowerCase();
  const cis = [...model.cis.values()]
    .filter(({ ci }) => ci.toLowerCase().includes(text))
    .sort((a, b) => urgencyOf(a.state) - urgencyOf(b.state) || deadLetters(b) - deadLetters(a));
  return (
    <div class="columns">
      <section>
        <div class="bar">
          <label class="search">
            <span class="sr">Search</span>
            <input
              type="search"
              placeholder="Search"
              value={route.value.search}
              onInput={({ currentTarget }) => go({ search: currentTarget.value })}
            />
          </label>
        </div>
        <h2>
          pool <small>{model.pool}</small>
        </h2>
        <ul class="tree">
          {cis.slice(0, MOST_SHOWN).map((ci) => (
            <CiBranch key={ci.ci} ci={ci} />
          ))}
        </ul>
        {cis.length > MOST_SHOWN && <p class="empty">and {(cis.length - MOST_SHOWN).toLocaleString('en')} more</p>}
      </section>
      <aside>
        <h2>Incidents</h2>
        {incidents.length === 0 && <p class="empty">No crash, no restart, no quarantine, no answer out of order.</p>}
        <PastList of="Incidents">
          {[...incidents.items].reverse().map(({ at, kind, ci, line }) => (
            <li key={`${at} ${kind} ${ci}`}>
              <time>{clock(at, 'ms')}</time> <b>{kind.replaceAll('_', ' ')}</b> {ci}{' '}
              {line !== undefined && <code>{line}</code>}
            </li>
          ))}
        </PastList>
      </aside>
    </div>
  );
}

function CiBranch({ ci }: { readonly ci: CiRow }): JSX.Element {
  const count = (kind: string) =>
    model.incidents.items.filter((incident) => incident.ci === ci.ci && incident.kind === kind).length;
  const [crashed, restarted] = [count('crashed'), count('restarted')];
  return (
    <li>
      <StateBadge state={ci.state} /> <b>{ci.ci}</b>
      <small>
        {crashed > 0 && ` ${crashed} crashes, ${restarted} restarts,`}
        {` ${orderings[ci.ordering]}`}
        {ci.violations > 0 && `, ${ci.violations} times out of order`}
        {deadLetters(ci) > 0 &&
          `, dead letters: ${ci.late} late, ${ci.duplicates} duplicate, ${ci.unsolicited} unsolicited`}
        {ci.lastError !== undefined && `, ${ci.lastError.message}`}
      </small>
      {ci.state === 'quarantined' && <Actions ci={ci} />}
      <ul>
        {ci.connections.map(({ connection, state, inFlight }) => (
          <li key={connection}>
            <button type="button" class="link" onClick={() => go({ view: 'statechart', connection })}>
              {connection}
            </button>{' '}
            <StateBadge state={state} /> <small>{inFlight > 0 && `${inFlight} in flight`}</small>
          </li>
        ))}
      </ul>
    </li>
  );
}

function deadLetters({ late, duplicates, unsolicited }: CiRow): number {
  return late + duplicates + unsolicited;
}
