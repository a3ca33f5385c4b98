import { effect } from '@preact/signals';
import { overview } from './overview.js';
import { model, source } from './session.js';

/** Largest number that fits into the icon. */
const MOST_IN_ICON = 99;
const RED = '#b3261e';
const GREEN = '#177a4b';
const GREY = '#6b7684';

/** Keeps the number of CIs in trouble in the page's title and icon, also while the page is hidden. */
export function keepTitle(): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  effect(() => {
    const { inTrouble } = overview.value;
    const { value } = source;
    // Without news, the number is not known.
    const isKnown = value.from === 'file' || value.state === 'live';
    const host = model.hello?.process.host;
    const name = host === undefined ? 'Choragus inspector' : `${host} · Choragus`;
    const mark = isKnown ? (inTrouble > 0 ? `(${inTrouble.toLocaleString('en')}) ` : '') : host ? '(no news) ' : '';
    document.title = mark + name;
    const svg = isKnown && inTrouble > 0 ? troubleIcon(inTrouble) : plainIcon(isKnown ? GREEN : GREY);
    const href = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    if (icon !== null && icon.href !== href) icon.href = href;
  });
}

/** A ring: nothing is wrong. */
function plainIcon(colour: string): string {
  return `${SVG}<circle cx="16" cy="16" r="11" fill="none" stroke="${colour}" stroke-width="7"/></svg>`;
}

/** A square with a number: another shape than the ring, for people who do not see the colours. */
function troubleIcon(count: number): string {
  const text = count > MOST_IN_ICON ? `${MOST_IN_ICON}+` : String(count);
  const size = text.length === 1 ? 24 : text.length === 2 ? 20 : 15;
  return `${SVG}<rect width="32" height="32" rx="6" fill="${RED}"/><text x="16" y="16" dy=".36em" text-anchor="middle" font-family="system-ui,sans-serif" font-weight="700" font-size="${size}" fill="#fff">${text}</text></svg>`;
}

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">';
