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
        requestAnimationFrame(() => document.querySelector<HTMLInputElement>('input[type=search]')?.focus());
      } else if (Object.hasOwn(keys, key)) go({ view: keys[key] as View });
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
