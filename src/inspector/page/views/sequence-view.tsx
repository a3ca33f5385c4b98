import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { TraceRecord } from '../../feed/records.js';
import { route } from '../route.js';
import { layoutSequence } from '../sequence/layout-sequence.js';
import { saveSequence } from '../sequence/save-sequence.js';
import { SequenceDrawing } from '../sequence/sequence-drawing.js';
import { SequenceWords } from '../sequence/sequence-words.js';
import { recordsOfRequest, stepsOf } from '../sequence/steps.js';
import { look } from '../session.js';
import { clock, span } from '../spans.js';
import { useTrace } from '../use-trace.js';
import { ConnectionPicker } from './connection-picker.js';

/** Most steps on the page. A recording contains older ones. */
const MOST_SHOWN = 300;

/** Shows the events between the actors of the chosen connection as a sequence diagram, newest last. */
export function SequenceView(): JSX.Element {
  const name = route.value.connection;
  const [filter, setFilter] = useState('');
  const [chosen, choose] = useState('');
  const [held, hold] = useState<readonly TraceRecord[] | undefined>(undefined);
  useTrace(name);
  const model = look();
  const root = model.actors.get(name)?.session ?? name;
  const live = useMemo(
    () => model.traces.items.filter((record) => root === '' || record.root === root),
    [root, model.version.value],
  );
  const records = held ?? live;
  const requests = records.filter(({ exchange }) => exchange !== undefined);
  const request = requests.find((record) => keyOf(record) === chosen);
  const own = request === undefined ? records : recordsOfRequest(records, request);
  const shown = own.filter(({ type }) => type.includes(filter)).slice(-MOST_SHOWN);
  const last = shown.at(-1);
  // The same records make the same picture: most updates of the page bring none for it.
  const content = `${root} ${chosen} ${filter} ${shown.length} ${last?.root} ${last?.seq}`;
  const steps = useMemo(() => stepsOf(shown).slice(-MOST_SHOWN), [content]);
  const isForeign = model.actors.size > 0;
  const layout = useMemo(() => {
    const outside = isForeign ? 'outside' : 'pool';
    const names = new Map(
      [...model.actors.values()].filter(({ session }) => session === root).map((one) => [one.actor, one.name]),
    );
    return layoutSequence(steps, { outside, first: isForeign ? [] : ['pool', name], names });
  }, [steps, isForeign]);
  const scroll = useFollow(layout, held === undefined);
  const label = `Sequence of ${request === undefined ? root || 'all connections' : `the request ${requestText(request)}`}`;
  return (
    <>
      <ConnectionPicker />
      <div class="bar">
        <label>
          Request{' '}
          <select value={chosen} onChange={({ currentTarget }) => choose(currentTarget.value)}>
            <option value="">all</option>
            {requests.slice(-MOST_SHOWN).map((record) => (
              <option key={keyOf(record)} value={keyOf(record)}>
                {requestText(record)}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          aria-pressed={held !== undefined}
          onClick={() => hold(held === undefined ? live : undefined)}
        >
          {held === undefined ? 'Pause' : 'Follow'}
        </button>
        <button
          type="button"
          disabled={steps.length === 0}
          onClick={() => saveSequence(layout, `sequence-${root}`, label)}
        >
          Save SVG
        </button>
        <p class="facts">
          <b>{steps.length}</b> steps
        </p>
        <label class="search">
          Events{' '}
          <input
            type="search"
            placeholder="link.lost"
            value={filter}
            onInput={({ currentTarget }) => setFilter(currentTarget.value)}
          />
        </label>
      </div>
      {steps.length === 0 ? (
        <p class="empty">{emptyText(name, filter)}</p>
      ) : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard */}
          <div class="seq-scroll sequence" tabIndex={0} role="region" aria-label="Sequence diagram" ref={scroll}>
            <div class="seq-heads">
              <SequenceDrawing layout={layout} part="heads" label="The actors" />
            </div>
            <SequenceDrawing layout={layout} part="steps" label={label} />
          </div>
          <SequenceWords steps={steps} />
        </>
      )}
    </>
  );
}

/** Keeps the newest step in view, as long as it is followed. */
function useFollow(content: unknown, isFollowed: boolean) {
  const scroll = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isFollowed && scroll.current !== null) scroll.current.scrollTop = scroll.current.scrollHeight;
  }, [content, isFollowed]);
  return scroll;
}

function keyOf({ root, seq }: TraceRecord): string {
  return `${root} ${seq}`;
}

function requestText({ at, type, exchange }: TraceRecord): string {
  const totalMs = exchange?.timings.totalMs ?? 0;
  return `${type} at ${clock(at - totalMs, 'ms')}, ${exchange?.ended}, ${span(totalMs)}`;
}

function emptyText(name: string, filter: string): string {
  if (filter !== '') return `No event matches “${filter}”.`;
  if (name !== '') return 'No events yet.';
  return 'Choose a connection. It is traced while this view is open, if the level is “trace”.';
}
