import { useEffect } from 'preact/hooks';
import { go, type View } from './route.js';

const keys: Readonly<Record<string, View>> = {
  f: 'fleet',
  s: 'statechart',
  t: 'timeline',
  q: 'sequence',
  v: 'supervision',
};

/** Handles the page's keys: `/` searches, a letter opens a view. Ignores keys while the user types. */
export function useKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { target, key } = event;
      const isTyping = target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      if (key === '/') {
        event.preventDefault();
        go({ view: 'fleet' });
        focusSearch();
      } else if (Object.hasOwn(keys, key)) go({ view: keys[key] as View });
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

/** Frames to wait for the fleet to be drawn. On a phone its search can be hidden. */
const MOST_FRAMES = 10;

/** Focuses the search at once, so that no letter typed after `/` is lost; from another view, once the fleet is drawn. */
function focusSearch(frames = MOST_FRAMES): void {
  const search = document.getElementById('fleet-search');
  if (search !== null) search.focus();
  else if (frames > 0) requestAnimationFrame(() => focusSearch(frames - 1));
}
