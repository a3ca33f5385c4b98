import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { go, hashOf, type Level, levels, route, type View } from './route.js';
import { save } from './save.js';
import { look, openFile, source, watchService } from './session.js';
import { nextTheme, theme } from './theme.js';

const fleetTabs: readonly [View, string][] = [
  ['fleet', 'Fleet'],
  ['statechart', 'Statechart'],
  ['timeline', 'Timeline'],
  ['sequence', 'Sequence'],
  ['supervision', 'Supervision'],
];
const foreignTabs: readonly [View, string][] = [['actors', 'Actors']];

export function Header({ isForeign }: { readonly isForeign: boolean }): JSX.Element {
  const { hello } = look();
  const tabs = isForeign ? foreignTabs : fleetTabs;
  return (
    <header class="top">
      <h1>
        <span class="mark" aria-hidden="true" />
        Choragus
        <small>{hello === undefined ? 'inspector' : `${hello.process.host} · ${hello.process.pid}`}</small>
      </h1>
      <nav aria-label="Views">
        {tabs.map(([view, title]) => (
          <a
            key={view}
            href={hashOf({ ...route.value, view })}
            aria-current={route.value.view === view ? 'page' : undefined}
            onClick={(event) => {
              event.preventDefault();
              go({ view });
            }}
          >
            {title}
          </a>
        ))}
      </nav>
      <Tools />
    </header>
  );
}

function Tools(): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const isLive = source.value.from === 'service';
  return (
    <div class="tools">
      <LiveLamp />
      {isLive && (
        <>
          <select
            aria-label="Level"
            title="What the service sends"
            value={route.value.level}
            onChange={({ currentTarget }) => ask(currentTarget.value as Level)}
          >
            {levels.map((level) => (
              <option key={level} value={level}>
                {level}
              </option>
            ))}
          </select>
          <a href="/api/snapshot.json" target="_blank" rel="noreferrer">
            JSON
          </a>
          <a href="/api/cis.csv" download="choragus.csv">
            CSV
          </a>
        </>
      )}
      <button type="button" onClick={save}>
        Save
      </button>
      <button type="button" onClick={() => input.current?.click()}>
        Open
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label="A recording"
        accept=".ndjson,.jsonl,.json"
        onChange={({ currentTarget: { files } }) => {
          if (files?.[0]) void openFile(files[0]);
        }}
      />
      <button type="button" onClick={nextTheme} aria-label={`Colours: ${theme.value}. Change`}>
        {theme.value === 'auto' ? '◐' : theme.value === 'dark' ? '●' : '○'}
      </button>
    </div>
  );
}

/** Changes what the service sends. */
function ask(level: Level): void {
  const isFeedKept = (level === 'summary') === (route.value.level === 'summary');
  go({ level });
  if (!isFeedKept) watchService();
}

function LiveLamp(): JSX.Element {
  const { value } = source;
  const text = value.from === 'file' ? 'recording' : value.state;
  return (
    <output class={`lamp lamp-${text}`} aria-label="Source">
      {text}
    </output>
  );
}
