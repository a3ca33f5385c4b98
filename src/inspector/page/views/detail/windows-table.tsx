import type { JSX } from 'preact';
import type { CiRow } from '../../../feed/records.js';
import { model } from '../../session.js';
import { sinceStart, windowRows } from './window-rows.js';

/** Shows the ended requests in each window, and since the start. */
export function WindowsTable({ ci }: { readonly ci: CiRow }): JSX.Element {
  const rows = windowRows(ci);
  return (
    <section>
      <h3 id="detail-windows">Requests that have ended</h3>
      <table class="detail-table" aria-labelledby="detail-windows">
        <thead>
          <tr>
            <td />
            <th scope="col">requests</th>
            <th scope="col">errors</th>
            <th scope="col">share</th>
            <th scope="col">per s</th>
            <th scope="col">p50 ms</th>
            <th scope="col">p99 ms</th>
          </tr>
        </thead>
        <tbody>
          {rows.length === 0 && (
            <tr>
              <td colSpan={7} class="detail-none">
                {noneText()}
              </td>
            </tr>
          )}
          {[...rows, sinceStart(ci)].map(({ title, note, requests, errors, share, rate, p50, p99 }) => (
            <tr key={title}>
              <th scope="row">
                {title} {note !== '' && <small>{note}</small>}
              </th>
              <td>{requests}</td>
              <td class={errors === '0' ? '' : 'detail-some'}>{errors}</td>
              <td class={errors === '0' ? '' : 'detail-some'}>{share}</td>
              <td>{rate}</td>
              <td>{p50}</td>
              <td>{p99}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Old recordings have no windows, and no instance. */
function noneText(): string {
  return model.hello?.instance === ''
    ? 'This recording contains no numbers of the last hour.'
    : 'No request has ended in the last hour.';
}
