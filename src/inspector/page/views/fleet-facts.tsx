import type { JSX } from 'preact';
import { rateOf } from '../ci-list.js';
import { go, route, type WindowChoice } from '../route.js';
import { look } from '../session.js';
import { latency, perSecond, share } from '../spans.js';

const windows: readonly (readonly [WindowChoice, string])[] = [
  ['m1', '1 min'],
  ['m5', '5 min'],
  ['h1', '1 h'],
];

/** Shows the requests of all CIs in the chosen window, and what is in flight. */
export function FleetFacts(): JSX.Element {
  const { summary } = look();
  const { window } = route.value;
  const recent = summary?.recent?.[window];
  const ended = recent === undefined ? 0 : recent.succeeded + recent.failed;
  const failedPerSecond = recent === undefined ? 0 : recent.failed / Math.max(1, recent.seconds);
  // Old recordings have no windows, but the rate of the last second.
  const rate = summary?.recent === undefined ? (summary?.perSecond ?? 0) : rateOf(summary, window);
  return (
    <div class="facts-bar">
      <dl class="facts">
        <Fact name="requests/s" value={perSecond(rate)} />
        <Fact
          name="errors/s"
          value={perSecond(failedPerSecond)}
          note={recent?.failed ? share(recent.failed / ended) : undefined}
        />
        <Fact name="p50" value={latency(recent?.p50 ?? 0)} note={recent?.p50 ? 'ms' : undefined} />
        <Fact name="p99" value={latency(recent?.p99 ?? 0)} note={recent?.p99 ? 'ms' : undefined} />
        <Fact name="in flight" value={(summary?.inFlight ?? 0).toLocaleString('en')} />
        <Fact name="waiting" value={(summary?.waiting ?? 0).toLocaleString('en')} />
      </dl>
      <fieldset class="segments">
        <legend class="sr">Window of the rates and percentiles</legend>
        {windows.map(([key, title]) => (
          <button key={key} type="button" aria-pressed={window === key} onClick={() => go({ window: key })}>
            {title}
          </button>
        ))}
      </fieldset>
    </div>
  );
}

interface FactProps {
  readonly name: string;
  readonly value: string;
  readonly note?: string | undefined;
}

function Fact({ name, value, note }: FactProps): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {note !== undefined && <small> {note}</small>}
      </dd>
    </div>
  );
}
