import type { ComponentChildren, JSX } from 'preact';

/** Shows a list of past events that scrolls and is reachable by keyboard. */
export function PastList({ of, children }: { readonly of: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard
    <ol class="history" aria-label={of} tabIndex={0}>
      {children}
    </ol>
  );
}
