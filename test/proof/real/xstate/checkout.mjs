import { join } from 'node:path';
import { checkOut as checkOutOf } from '../checkout.mjs';

/** The state of 22 July 2026. */
export const COMMIT = 'b1811bf77bc2d1a74367328cec7907aa185b70df';
const xstate = {
  variable: 'XSTATE_REPO',
  url: 'https://github.com/statelyai/xstate',
  commit: COMMIT,
  folders: ['examples'],
  cache: 'xstate.git',
};

/**
 * Writes the examples of xstate's repository into `folder`, unmodified. They come from the clone in XSTATE_REPO, or are
 * fetched from GitHub once.
 *
 * @returns the path of the examples, or `{ missing }`, the reason in words.
 */
export function checkOut(folder) {
  return { path: join(folder, 'examples'), ...checkOutOf(xstate, folder) };
}
