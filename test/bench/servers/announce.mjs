import { exitWithParent } from '../exit-with-parent.mjs';

/** Prints, in one line of JSON, where this server listens (or why it does not); then ends with its parent. */
export function announce(ready) {
  exitWithParent();
  console.log(JSON.stringify(ready));
}
