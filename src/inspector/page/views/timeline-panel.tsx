import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { listOf } from '../ci-list.js';
import { overview } from '../overview.js';
import { go, route } from '../route.js';
import { model, now, source } from '../session.js';
import { lanesOf } from '../timeline/lanes.js';
import { TimelineView } from '../timeline/timeline-view.js';
import { StateCounts } from './state-counts.js';

/** Shows the timeline of the filtered connections, in the order of the list of CIs. */
export function TimelinePanel(): JSX.Element {
  const version = model.version.value;
  const { value: asked } = route;
  const names = useMemo(() => listOf(overview.value, asked), [overview.value, asked]);
  const lanes = useMemo(() => lanesOf(model, connectionsOf(names, asked.states)), [names, version]);
  const summaries = useMemo(() => [...model.summaries.items], [version]);
  const { value } = source;
  return (
    <>
      <div class="bar">
        <StateCounts />
        <label class="search">
          <span class="sr">Search</span>
          <input
            type="search"
            placeholder="Search"
            value={asked.search}
            onInput={({ currentTarget }) => go({ search: currentTarget.value })}
          />
        </label>
      </div>
      <TimelineView
        lanes={lanes}
        summaries={summaries}
        now={value.from === 'file' ? value.replay.time.value : now.value}
        selected={asked.connection}
        onSelect={(connection) => go({ view: 'statechart', connection })}
      />
    </>
  );
}

/** Returns the connections of these CIs that are in one of these states, or all if no state is chosen. */
function connectionsOf(names: readonly string[], states: readonly string[]): string[] {
  return names
    .flatMap((name) => model.cis.get(name)?.connections ?? [])
    .filter(({ state }) => states.length === 0 || states.includes(state))
    .map(({ connection }) => connection);
}
