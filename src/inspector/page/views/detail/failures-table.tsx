import type { JSX } from 'preact';
import type { CiRow } from '../../../feed/records.js';
import { share } from '../../spans.js';
import { failureRows } from './failure-rows.js';
import { count } from './window-rows.js';

/** Shows the failed requests since the start by their code. */
export function FailuresTable({ ci }: { readonly ci: CiRow }): JSX.Element | null {
  const rows = failureRows(ci);
  if (rows.length === 0) return null;
  return (
    <section>
      <h3 id="detail-failures">
        Errors by code <small>since the start</small>
      </h3>
      <table class="detail-table" aria-labelledby="detail-failures">
        <thead>
          <tr>
            <th scope="col">code</th>
            <th scope="col">errors</th>
            <th scope="col">share</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {rows.map(({ code, count: errors, part }) => (
            <tr key={code}>
              <th scope="row">
                <code>{code}</code>
              </th>
              <td>{count(errors)}</td>
              <td>{share(part)}</td>
              <td class="detail-part" aria-hidden="true">
                <span style={{ width: `${part * 100}%` }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
