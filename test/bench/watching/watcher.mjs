/**
 * A watcher in a separate process: `node watcher.mjs URL reads|pauses`. It connects after a while, so that the start of this
 * process is not measured. Once it has the first state, it prints how long that took; with `pauses`, it reads nothing after that.
 */
import http from 'node:http';
import { exitWithParent } from '../exit-with-parent.mjs';

const [target, manner] = process.argv.slice(2);
const url = new URL(target);

exitWithParent();
const headers = { authorization: `Bearer ${url.searchParams.get('token')}` };
setTimeout(connect, 1_500);

function connect() {
  const startMs = performance.now();
  http.get(new URL('/api/events', url), { headers }, (events) => {
    if (events.statusCode !== 200) throw new Error(`status ${events.statusCode}`);
    let seen = '';
    let isReady = false;
    events.on('data', (bytes) => {
      if (isReady) return;
      seen = (seen + bytes.latin1Slice()).slice(-1_000);
      if (!seen.includes('"t":"ready"')) return;
      isReady = true;
      console.log(JSON.stringify({ readyMs: performance.now() - startMs }));
      if (manner === 'pauses') events.pause();
    });
  });
}
