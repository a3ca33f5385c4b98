import type { JSX } from 'preact';
import type { Model } from './model.js';
import { NewLink } from './new-link.js';
import { fileFault, look, now, silentMs, source } from './session.js';
import { clock, span } from './spans.js';

/** How long a blocked event loop, and a restart, are reported, in ms. */
const BLOCKED_MS = 10_000;
const RESTART_MS = 60_000;

/** Shows warnings about the data on the page. */
export function Banner(): JSX.Element {
  const model = look();
  const { value } = source;
  const lines = [fileFault.value, outage(), ...news(model)].filter((line) => line !== undefined);
  return (
    <section class="banner" aria-label="Notices" data-at={model.at}>
      <div role="status">
        {lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      {value.from === 'service' && value.state === 'ended' && <NewLink />}
      {silentMs.value > 0 && value.from === 'service' && value.state === 'silent' && (
        // No live region: it would be read each second.
        <p class="silent">
          The service is silent: no news for {span(Math.floor(silentMs.value / 1_000) * 1_000)}. The page shows the
          state of {clock(model.at)}.
        </p>
      )}
    </section>
  );
}

/** Says why there is no connection to the service. */
function outage(): string | undefined {
  const { value } = source;
  if (value.from === 'file') return undefined;
  const { at } = look();
  const shown = at === 0 ? '' : ` The page shows the state of ${clock(at)}.`;
  if (value.state === 'lost') return `The service cannot be reached.${shown}`;
  if (value.state === 'ended')
    return `The service was restarted, or your session has ended; open its new link.${shown}`;
  return undefined;
}

/** Says what the records report about the service. */
function news({
  pool,
  dropped,
  blocked,
  restartedAt,
  isReady,
  loaded,
  expected,
  hello,
}: Model): (string | undefined)[] {
  const isRecent = (at: number, forMs: number) => now.value - at < forMs;
  return [
    hello !== undefined && !isReady
      ? `Loading ${loaded.toLocaleString('en')} of ${expected.toLocaleString('en')} CIs.`
      : undefined,
    restartedAt !== undefined && isRecent(restartedAt, RESTART_MS)
      ? `The service was restarted: another process answers since ${clock(restartedAt)}. The old one's state is gone.`
      : undefined,
    blocked !== undefined && isRecent(blocked.at, BLOCKED_MS)
      ? `The service was blocked for ${seconds(blocked.lagMs)} until ${clock(blocked.at)}.`
      : undefined,
    pool !== 'running' ? `The pool is ${pool}.` : undefined,
    dropped > 0
      ? `This page was too slow and missed ${dropped.toLocaleString('en')} records. It has received the whole state again.`
      : undefined,
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
