import type { JSX } from 'preact';
import type { ForeignActor } from '../../feed/records.js';
import { StatechartView } from '../chart/statechart-view.js';
import { go, route } from '../route.js';
import { look, model, now } from '../session.js';
import { clock } from '../spans.js';
import { PastList } from './past-list.js';

const MOST_SHOWN = 200;

/** Shows the actors of other programs as a tree, with the statechart and the events of the chosen one. */
export function ActorsView(): JSX.Element {
  const all = [...look().actors.values()];
  const chosen = all.find((actor) => keyOf(actor) === route.value.connection) ?? all.find(({ chart }) => chart);
  const steps = model.traces.items
    .filter(({ root, to }) => `${root} ${to}` === (chosen && keyOf(chosen)))
    .slice(-MOST_SHOWN);
  if (all.length === 0) return <p class="empty">No program has connected yet.</p>;
  return (
    <div class="columns">
      <section>
        {chosen?.chart === undefined ? (
          <p class="empty">{chosen === undefined ? 'Choose an actor.' : `${chosen.name} is not a machine.`}</p>
        ) : (
          <StatechartView
            chart={chosen.chart}
            value={model.values.get(keyOf(chosen))}
            state={undefined}
            history={[]}
            now={now.value}
          />
        )}
        <PastList of="Events">
          {[...steps].reverse().map(({ seq, at, kind, type, value }) => (
            <li key={seq}>
              <time>{clock(at, 'ms')}</time> <b>{kind === 'state' ? JSON.stringify(value) : type}</b>
            </li>
          ))}
        </PastList>
      </section>
      <aside>
        <h2>Actors</h2>
        <Branch actors={all} parent={undefined} chosen={chosen} />
      </aside>
    </div>
  );
}

interface BranchProps {
  readonly actors: readonly ForeignActor[];
  readonly parent: ForeignActor | undefined;
  readonly chosen: ForeignActor | undefined;
}

function Branch({ actors, parent, chosen }: BranchProps): JSX.Element | null {
  const own = actors.filter((actor) =>
    parent === undefined
      ? !actors.some((other) => other.session === actor.session && other.actor === actor.parent)
      : actor.session === parent.session && actor.parent === parent.actor,
  );
  if (own.length === 0) return null;
  return (
    <ul class="tree">
      {own.map((actor) => (
        <li key={keyOf(actor)}>
          <button
            type="button"
            class="link"
            aria-current={actor === chosen ? 'true' : undefined}
            onClick={() => go({ connection: keyOf(actor) })}
          >
            {actor.name}
          </button>{' '}
          <small>{actor.status}</small>
          <Branch actors={actors} parent={actor} chosen={chosen} />
        </li>
      ))}
    </ul>
  );
}

function keyOf({ session, actor }: ForeignActor): string {
  return `${session} ${actor}`;
}
