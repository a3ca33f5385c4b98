import type { Page } from 'playwright-core';

/** What a page shows at one time. */
export interface Sample {
  /** The service's time of the newest record that the page shows. */
  readonly at: number;
  /** Number of connections in each state, as the page shows it. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A program for a page: keeps a sample of each change of what is shown. */
export const sampler = `{
  globalThis.sampleNow = () => {
    const at = Number(document.querySelector('.banner')?.dataset.at ?? 0);
    const counts = {};
    for (const one of document.querySelectorAll('.counts .count')) {
      const number = one.querySelector('b').textContent;
      counts[one.textContent.split(' ').at(-1)] = Number(number.replaceAll(',', ''));
    }
    return { at, counts };
  };
  globalThis.samples = [];
  const look = () => {
    const sample = sampleNow();
    const isWhole = sample.at > 0 && !document.querySelector('.banner').textContent.includes('Loading');
    if (isWhole && sample.at !== globalThis.samples.at(-1)?.at) globalThis.samples.push(sample);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}`;

/** Returns all samples, or only what is shown now. */
export async function samplesOf(page: Page, which: 'all' | 'present'): Promise<Sample[]> {
  if (which === 'present') return [await page.evaluate<Sample>('sampleNow()')];
  return page.evaluate<Sample[]>('globalThis.samples');
}

/** Moves the slider of a recording to a time. Settles once the page shows it. */
export async function seekTo(page: Page, at: number): Promise<void> {
  await page.getByRole('slider', { name: 'Time' }).fill(String(at));
  // A frame later, the page is drawn.
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
}
