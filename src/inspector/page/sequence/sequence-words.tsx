import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { clock } from '../spans.js';
import type { Step } from './steps.js';

/** Shows the steps as a table, for users who cannot see the diagram. */
export function SequenceWords({ steps }: { readonly steps: readonly Step[] }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="seq-words" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>The sequence in words</summary>
      {isOpen && (
        <table>
          <thead>
            <tr>
              {['time', 'from', 'to', 'kind', 'what'].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {steps.map(({ key, at, from, to, kind, text }) => (
              <tr key={key}>
                <td>
                  <time>{clock(at, 'ms')}</time>
                </td>
                <td>{from}</td>
                <td>{to}</td>
                <td>{kind}</td>
                <td>{text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}
