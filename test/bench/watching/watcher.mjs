/**
 * Somebody who watches, in a process of its own: `node watcher.mjs URL reads|pauses`. Connects after a while, so that starting this
 * process is no part of what is measured; says `ready` once it has the first state; and, when it pauses, reads no more from then on.
 */
import http from 'node:http';
import { exitWithParent } from '../exit-with-parent.mjs';

const [target, manner] = process.argv.slice(2);
const url = new URL(target);

exitWithParent();
const headers = { authorization: `Bearer ${url.searchParams.get('token')}` };
setTimeout(connect, 1_500);

function connect() {
  http.get(new URL('/api/events', url), { headers }, (events) => {
    if (events.statusCode !== 200) throw new Error(`status ${events.statusCode}`);
    let seen = '';
    let isReady = false;
    events.on('data', (bytes) => {
      if (isReady) return;
      seen = (seen + bytes.latin1Slice()).slice(-1_000);
      if (!seen.includes('"t":"ready"')) return;
      isReady = true;
      console.log(JSON.stringify({ ready: true }));
      if (manner === 'pauses') events.pause();
    });
  });
}
