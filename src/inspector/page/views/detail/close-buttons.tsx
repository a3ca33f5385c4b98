import type { JSX } from 'preact';
import { closeDetail } from './close-detail.js';

/** Closes the pane. The style sheet shows one of the two: the pane is beside the list, or covers it. */
export function CloseButtons(): JSX.Element {
  return (
    <>
      <button type="button" class="detail-back" onClick={closeDetail}>
        <span aria-hidden="true">‹</span> Back to the list
      </button>
      <button type="button" class="detail-close" aria-label="Close" title="Close (Escape)" onClick={closeDetail}>
        <span aria-hidden="true">×</span>
      </button>
    </>
  );
}
