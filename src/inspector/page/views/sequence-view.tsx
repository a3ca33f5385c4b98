import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TraceRecord } from '../../feed/records.js';
import { route } from '../route.js';
import { look } from '../session.js';
import { clock } from '../spans.js';
import { useTrace } from '../use-trace.js';
import { ConnectionPicker } from './connection-picker.js';

/** Most steps on the page. A recording contains older ones. */
const MOST_SHOWN = 300;

/** Shows the events between the actors of the chosen connection as a sequence, newest last. */
export function SequenceView(): JSX.Element {
  const name = route.value.connection;
  const [filter, setFilter] = useState('');
  useTrace(name);
  const all = look().traces.items;
  const own = all
    .filter(({ root, type }) => (name === '' || root === name) && type.includes(filter))
    .slice(-MOST_SHOWN);
  const actors = actorsOf(own, name);
  return (
    <>
      <ConnectionPicker />
      <div class="bar">
        <label class="search">
          Events{' '}
          <input
            type="search"
            placeholder="link.lost"
            value={filter}
            onInput={({ currentTarget }) => setFilter(currentTarget.value)}
          />
        </label>
        <p class="facts">
          <b>{own.length}</b> steps
        </p>
      </div>
      {own.length === 0 ? (
        <p class="empty">
          {name === ''
            ? 'Choose a connection. It is traced while this view is open, if the level is “trace”.'
            : 'No events yet.'}
        </p>
      ) : (
        <table class="sequence">
          <thead>
            <tr>
              <th scope="col">time</th>
              {actors.map((actor) => (
                <th key={actor} scope="col">
                  {actor}
                </th>
              ))}
              <th scope="col">what</th>
            </tr>
          </thead>
          <tbody>
            {own.map((step) => (
              <Step key={`${step.root} ${step.seq}`} step={step} actors={actors} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function Step({ step, actors }: { readonly step: TraceRecord; readonly actors: readonly string[] }): JSX.Element {
  const to = actors.indexOf(step.to);
  const from = step.from === undefined ? 0 : actors.indexOf(step.from);
  const [left, right] = [Math.min(from, to), Math.max(from, to)];
  const isMessage = step.kind === 'event' || step.kind === 'exchange';
  return (
    <tr class={`step-${step.kind}`}>
      <td>
        <time>{clock(step.at, 'ms')}</time>
      </td>
      {actors.map((actor, index) => (
        <td key={actor} class={`lifeline${isMessage && index >= left && index <= right ? ' on' : ''}`}>
          {index === to ? (isMessage ? (from <= to ? '▶' : '◀') : '●') : index === from && isMessage ? '○' : ''}
        </td>
      ))}
      <td>
        <span class="kind">{step.kind}</span> {textOf(step)}
      </td>
    </tr>
  );
}

/** Returns the columns: the pool, the connection, then its children in the order of their first event. */
function actorsOf(steps: readonly TraceRecord[], name: string): string[] {
  const seen = steps.flatMap(({ from, to }) => (from === undefined ? [to] : [from, to]));
  return [...new Set(['pool', ...(name === '' ? [] : [name]), ...seen])];
}

function textOf({ kind, type, value, cause = {}, exchange, skipped }: TraceRecord): string {
  if (kind === 'state') return valueText(value);
  if (exchange === undefined) return [type, ...Object.entries(cause).map(([key, text]) => `${key} ${text}`)].join(', ');
  const { ended, sent, received, chunks, timings } = exchange;
  const pieces = chunks > 0 ? ` in ${chunks} pieces` : '';
  const others = skipped === undefined ? '' : ` (${skipped} more before it)`;
  return `${type} of ${sent} characters: ${ended}, ${received} characters${pieces}, ${timings.totalMs} ms${others}`;
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value).replace(/["{}]/g, '').replaceAll(':', ' › ');
}
