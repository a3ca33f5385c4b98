import type { JSX } from 'preact';
import { look, source } from './session.js';

/** Shows warnings about the data on the page. */
export function Banner(): JSX.Element {
  const { pool, dropped } = look();
  const { value } = source;
  const lines = [
    value.from === 'service' &&
      value.state === 'lost' &&
      'The service cannot be reached. The page shows the last known state.',
    pool !== 'running' && `The pool is ${pool}.`,
    dropped > 0 &&
      `This page was too slow and missed ${dropped.toLocaleString('en')} records. It has received the whole state again.`,
  ].filter((line) => line !== false);
  return (
    <div role="status" class="banner">
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}
