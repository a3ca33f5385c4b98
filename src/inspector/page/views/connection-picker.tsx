import type { JSX } from 'preact';
import { go, route } from '../route.js';
import { look } from '../session.js';

const MOST_SUGGESTED = 200;

/** Lets the user choose a connection by its name. */
export function ConnectionPicker(): JSX.Element {
  const names = look()
    .connections()
    .map(({ connection }) => connection.connection);
  return (
    <div class="bar">
      <label class="search">
        Connection{' '}
        <input
          list="connections"
          value={route.value.connection}
          placeholder={names[0] ?? 'none'}
          onChange={({ currentTarget }) => go({ connection: currentTarget.value })}
        />
      </label>
      <datalist id="connections">
        {names.slice(0, MOST_SUGGESTED).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </div>
  );
}
