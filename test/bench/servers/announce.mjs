import { exitWithParent } from '../exit-with-parent.mjs';

/** Says, in one line of JSON, where this server listens (or why it does not); from then on it ends with its parent. */
export function announce(ready) {
  exitWithParent();
  console.log(JSON.stringify(ready));
}
