import type { JSX } from 'preact';
import { look, source } from './session.js';

/** What whoever looks must know of what they see. */
export function Banner(): JSX.Element {
  const { pool, dropped } = look();
  const { value } = source;
  const lines = [
    value.from === 'service' &&
      value.state === 'lost' &&
      'The service cannot be reached: what you see is what was last known.',
    pool !== 'running' && `The pool is ${pool}.`,
    dropped > 0 &&
      `This page was too slow and missed ${dropped.toLocaleString('en')} records; it was given the whole state anew.`,
  ].filter((line) => line !== false);
  return (
    <div role="status" class="banner">
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}
