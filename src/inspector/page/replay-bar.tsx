import type { JSX } from 'preact';
import { source, watchService } from './session.js';
import { clock } from './spans.js';

const speeds = [1, 10, 60];

/** Shows the controls of a recording; nothing while a service is watched. */
export function ReplayBar(): JSX.Element | null {
  const { value } = source;
  if (value.from !== 'file') return null;
  const { replay, name } = value;
  return (
    <section class="replay" aria-label="Recording">
      <strong>{name}</strong>
      <button type="button" onClick={() => (replay.isPlaying.value ? replay.pause() : replay.play())}>
        {replay.isPlaying.value ? 'Pause' : 'Play'}
      </button>
      <select
        aria-label="Speed"
        value={replay.speed.value}
        onChange={({ currentTarget }) => {
          replay.speed.value = Number(currentTarget.value);
        }}
      >
        {speeds.map((speed) => (
          <option key={speed} value={speed}>
            {speed}×
          </option>
        ))}
      </select>
      <input
        type="range"
        aria-label="Time"
        aria-valuetext={clock(replay.time.value, 'ms')}
        min={replay.from}
        max={replay.to}
        value={replay.time.value}
        onInput={({ currentTarget }) => replay.seek(Number(currentTarget.value))}
      />
      <output>{clock(replay.time.value, 'ms')}</output>
      <button type="button" title="The part to save begins at this time" onClick={() => replay.mark('from')}>
        From {clock(replay.range.value.from)}
      </button>
      <button type="button" title="The part to save ends at this time" onClick={() => replay.mark('to')}>
        To {clock(replay.range.value.to)}
      </button>
      <button type="button" onClick={watchService}>
        Back to the service
      </button>
    </section>
  );
}
