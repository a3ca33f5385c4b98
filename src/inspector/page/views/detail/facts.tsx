import type { ComponentChildren, JSX } from 'preact';
import type { CiRow } from '../../../feed/records.js';
import { orderings } from '../../orderings.js';
import { share } from '../../spans.js';
import { count } from './window-rows.js';

export type Fact = readonly [name: string, value: ComponentChildren, about?: string];

/** Shows names and values in columns. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }): JSX.Element {
  return (
    <dl class="detail-facts">
      {facts.map(([name, value, about]) => (
        <div key={name} title={about}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Returns the facts of a CI that no other part of the pane shows. */
export function factsOf(ci: CiRow): Fact[] {
  return [
    ['in flight', count(ci.inFlight), 'Requests sent and not settled'],
    ['waiting', count(ci.waiting), 'Requests that wait for a slot'],
    ['ordering', orderings[ci.ordering], 'How answers are matched to requests'],
    ['reuse', ci.requests === 0 ? '–' : share(ci.reuse), 'Share of the requests that needed no new connection'],
    ['connects', count(ci.connects), 'Dials that succeeded since the start'],
    ['retired', count(ci.retired), 'Connections retired since the start'],
    ['cancelled', count(ci.cancelled), 'Requests unsubscribed since the start'],
    ['late', count(ci.late), 'Replies to abandoned requests; dropped'],
    ['duplicates', count(ci.duplicates), 'Second replies; dropped'],
    ['unsolicited', count(ci.unsolicited), 'Frames that belong to no request; dropped'],
    ['violations', count(ci.violations), 'Answers that came out of order'],
  ];
}
