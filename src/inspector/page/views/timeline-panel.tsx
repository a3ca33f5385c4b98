import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { allRows, shownRows } from '../fleet-rows.js';
import { go, route } from '../route.js';
import { model, now, source } from '../session.js';
import { lanesOf } from '../timeline/lanes.js';
import { TimelineView } from '../timeline/timeline-view.js';
import { StateCounts } from './state-counts.js';

/** Shows the timeline of the filtered connections. */
export function TimelinePanel(): JSX.Element {
  const version = model.version.value;
  const { value: asked } = route;
  const rows = useMemo(() => allRows(model), [version]);
  const lanes = useMemo(() => {
    const names = shownRows(rows, asked).flatMap(({ connection }) => (connection ? [connection.connection] : []));
    return lanesOf(model, names);
  }, [rows, asked]);
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
