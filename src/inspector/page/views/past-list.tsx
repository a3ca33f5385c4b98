import type { ComponentChildren, JSX } from 'preact';

/** What was, newest first; it scrolls, and can be reached by key. */
export function PastList({ of, children }: { readonly of: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by key
    <ol class="history" aria-label={of} tabIndex={0}>
      {children}
    </ol>
  );
}
