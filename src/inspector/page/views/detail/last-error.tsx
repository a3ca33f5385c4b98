import type { JSX } from 'preact';
import type { CiRow } from '../../../feed/records.js';
import { CopyText } from '../../content/copy-text.js';
import { ago, clock } from '../../spans.js';
import { errorText, messageOf } from './copies.js';

/** Shows the whole last error of a CI. */
export function LastError({ ci, at }: { readonly ci: CiRow; readonly at: number }): JSX.Element {
  const { lastError } = ci;
  return (
    <section>
      <h3>
        Last error
        {lastError !== undefined && <CopyText name="Copy the error" text={() => errorText(ci)} />}
      </h3>
      {lastError === undefined ? (
        <p class="empty">None.</p>
      ) : (
        <div class="detail-error">
          <p>
            <code>{lastError.code}</code>
            <time dateTime={new Date(lastError.at).toISOString()}>
              {clock(lastError.at)} ({ago(at - lastError.at)} ago)
            </time>
          </p>
          <p class="detail-message">{messageOf(lastError)}</p>
        </div>
      )}
    </section>
  );
}
