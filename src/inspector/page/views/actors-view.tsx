import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { ForeignActor, TraceRecord } from '../../feed/records.js';
import { StatechartView } from '../chart/statechart-view.js';
import { ContentTree } from '../content/content-tree.js';
import { CopyButton } from '../content/copy-button.js';
import { go, route } from '../route.js';
import { valueText } from '../sequence/steps.js';
import { look, model, now } from '../session.js';
import { clock } from '../spans.js';

const MOST_SHOWN = 100;

/** Shows the actors of other programs as a tree, with the statechart, the context and the events of the chosen one. */
export function ActorsView(): JSX.Element {
  const all = [...look().actors.values()];
  const chosen = all.find((actor) => keyOf(actor) === route.value.connection) ?? firstOf(all);
  if (all.length === 0)
    return <p class="empty">{model.isReady ? 'No program has connected yet.' : 'Waiting for the first state…'}</p>;
  return (
    <div class="columns">
      <section>
        {chosen === undefined ? (
          <p class="empty">Choose an actor.</p>
        ) : chosen.chart === undefined ? (
          <p class="empty">{chosen.name} has no states to draw.</p>
        ) : (
          <StatechartView
            chart={chosen.chart}
            value={model.values.get(keyOf(chosen))}
            state={undefined}
            history={[]}
            now={now.value}
          />
        )}
        {chosen !== undefined && <Events key={keyOf(chosen)} actor={chosen} />}
      </section>
      <aside>
        <h2>Actors</h2>
        <Branch actors={all} parent={undefined} chosen={chosen} />
        {chosen !== undefined && <Context key={keyOf(chosen)} actor={chosen} />}
      </aside>
    </div>
  );
}

/** Returns a root with a chart, if there is one. A program can report an actor before its parent. */
function firstOf(all: readonly ForeignActor[]): ForeignActor | undefined {
  const drawn = all.filter(({ chart }) => chart !== undefined);
  return drawn.find(({ parent }) => parent === undefined) ?? drawn[0] ?? all[0];
}

function Context({ actor }: { readonly actor: ForeignActor }): JSX.Element {
  const context = model.contexts.get(keyOf(actor));
  return (
    <section class="content" aria-label={`Context of ${actor.name}`}>
      <h2>
        Context <CopyButton what="context" value={context} />
      </h2>
      {context === undefined ? <p class="empty">{actor.name} has no context.</p> : <ContentTree value={context} />}
    </section>
  );
}

function Events({ actor }: { readonly actor: ForeignActor }): JSX.Element {
  const { session, actor: id } = actor;
  const steps = useMemo(
    () => model.traces.items.filter(({ root, to }) => root === session && to === id).slice(-MOST_SHOWN),
    [session, id, model.version.value],
  );
  return (
    <section class="content" aria-label={`Events of ${actor.name}`}>
      <h2>
        Events <CopyButton what="events" value={steps} />
      </h2>
      {steps.length === 0 && <p class="empty">No events yet.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard */}
      <ol class="content-events" tabIndex={0} aria-label="Newest first">
        {[...steps].reverse().map((step) => (
          <EventItem key={step.seq} step={step} />
        ))}
      </ol>
    </section>
  );
}

function EventItem({ step }: { readonly step: TraceRecord }): JSX.Element {
  const { at, kind, type, value, payload, isInitial } = step;
  return (
    <li class={`content-${kind}`}>
      <time>{clock(at, 'ms')}</time>{' '}
      {kind === 'state' ? (
        <span>
          {isInitial === true ? 'found in' : '→'} {valueText(value)}
        </span>
      ) : (
        <b>{type}</b>
      )}
      {payload !== undefined && <ContentTree value={payload} />}
    </li>
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
