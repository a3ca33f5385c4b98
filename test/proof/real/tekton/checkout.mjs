import { join } from 'node:path';
import { checkOut as checkOutOf } from '../checkout.mjs';

/** The state of 5 July 2025, which Choragus is compared with. */
export const COMMIT = '2ce65fb6e60200205b461e282c153feace98180e';
const tekton = {
  variable: 'TEKTON_REPO',
  url: 'https://github.com/ckoons/Tekton',
  commit: COMMIT,
  // The folders that these programs need. `landmarks` is left out: see python/stub/landmarks.py.
  folders: ['shared', 'scripts'],
  cache: 'tekton.git',
};

/**
 * Writes Tekton's unmodified sources into `folder`/Tekton. They come from the clone in TEKTON_REPO, or are fetched from
 * GitHub once.
 *
 * @returns the path of the sources, or `{ missing }`, the reason in words.
 */
export function checkOut(folder) {
  const path = join(folder, 'Tekton');
  return { path, ...checkOutOf(tekton, path) };
}
