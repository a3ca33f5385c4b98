import type { ComponentChildren, JSX } from 'preact';
import { closeDetail, HEADING_ID } from './close-detail.js';

interface DetailBarProps {
  readonly name: string;
  /** More buttons. */
  readonly children?: ComponentChildren;
}

/** Shows the name, and the buttons that close the pane. The style sheet shows one: the pane is beside the list, or covers it. */
export function DetailBar({ name, children }: DetailBarProps): JSX.Element {
  return (
    <div class="detail-bar">
      <button type="button" class="detail-back" onClick={closeDetail}>
        <span aria-hidden="true">‹</span> Back to the list
      </button>
      <h2 id={HEADING_ID} tabIndex={-1}>
        {name}
      </h2>
      <div class="detail-tools">
        {children}
        <button type="button" class="detail-close" aria-label="Close" title="Close (Escape)" onClick={closeDetail}>
          <span aria-hidden="true">×</span>
        </button>
      </div>
    </div>
  );
}
