import { go } from '../../route.js';

/** The id of the pane's heading. The list focuses it to move the focus into the pane. */
export const HEADING_ID = 'detail-heading';

/** Moves the focus into the pane. */
export function focusDetail(): void {
  document.getElementById(HEADING_ID)?.focus();
}

/** Closes the pane, and moves the focus to the list. */
export function closeDetail(): void {
  go({ ci: '' });
  // After the page is drawn: on a phone, the list is hidden until then.
  requestAnimationFrame(() => {
    const main = document.getElementById('main');
    const list = main?.querySelector<HTMLElement>('[role="grid"], [role="treegrid"]');
    const target = list == null || list.tabIndex >= 0 ? list : list.querySelector<HTMLElement>('[tabindex="0"]');
    (target ?? main)?.focus();
  });
}
