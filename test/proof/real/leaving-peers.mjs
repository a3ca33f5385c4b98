/**
 * `npm run real:leaving`: peers that close connections while they are up, and outages. The peers are programs of other authors, on loopback, in real time.
 *
 *   node test/proof/real/leaving-peers.mjs                 # about 2 min; needs a build (npm run build), python3 and socat
 *   node test/proof/real/leaving-peers.mjs --only=outage   # those checks alone: one-shot, five, outage or idle
 *   node test/proof/real/leaving-peers.mjs --write         # writes the figures into docs/real-peers.json and docs/real-peers.md
 *
 * `socat` starts a `sed` for each connection, which answers each request with a copy; or Python's `socketserver` and `asyncio` serve it.
 * Prints one line for each check. Exits with 1 if a check failed.
 */
import { spawnSync } from 'node:child_process';
import { CheckList } from './check-list.mjs';
import { AT_ONCE, checkLeaving, ONCE_IT_LEFT } from './leaving/check-leaving.mjs';
import { checkOutage } from './leaving/check-outage.mjs';
import { startPython, startSocat } from './leaving/start-leaving-peer.mjs';
import { writeFigures } from './write-figures.mjs';

const versions = [
  ['socat', '-V', /socat version (\S+)/],
  ['python3', '--version', /Python (\S+)/],
].map(([program, flag, pattern]) => {
  const { status, stdout } = spawnSync(program, [flag], { encoding: 'utf8' });
  if (status !== 0) {
    console.log(`leaving-peers needs ${program}`);
    process.exit(1);
  }
  return `${program} ${pattern.exec(stdout)?.[1] ?? ''}`;
});

const list = new CheckList();
const BOTH = [true, false];
const SERVERS = ['socketserver', 'asyncio'];

const groups = {
  five: () => {
    const servers = SERVERS.flatMap((kind) =>
      ['lines', 'chats'].map((counted) => ({
        what: `${kind}, closes after five ${counted}`,
        startWith: (ids) => startPython({ kind, ids, after: 5, counted }),
      })),
    );
    const sed = { what: 'socat and sed 5q', startWith: (ids) => startSocat({ ids, after: 5 }) };
    return leavingRows([...servers, sed], 200, [AT_ONCE, 100]);
  },
  'one-shot': () => {
    const servers = SERVERS.map((kind) => ({
      what: `${kind}, closes after each answer`,
      startWith: (ids) => startPython({ kind, ids, after: 1 }),
    }));
    const sed = { what: 'socat and sed 1q', startWith: (ids) => startSocat({ ids, after: 1 }) };
    return leavingRows([...servers, sed], 20, [AT_ONCE, ONCE_IT_LEFT]);
  },
  outage: () =>
    [3_000, 20_000].flatMap((outageMs) =>
      BOTH.flatMap((waitForReady) => [
        () => checkOutage(list, { kind: 'socketserver', ids: true, outageMs, waitForReady }),
        () => checkOutage(list, { kind: 'asyncio', ids: false, outageMs, waitForReady }),
      ]),
    ),
  idle: () =>
    BOTH.map((ids) => {
      const start = () => startSocat({ ids, idleS: 0.3 });
      return () => checkLeaving(list, { what: 'socat -T 0.3', start, count: 60, next: 1_000, ids });
    }),
};

function leavingRows(peers, count, nexts) {
  return nexts.flatMap((next) =>
    peers.flatMap(({ what, startWith }) =>
      BOTH.map((ids) => () => checkLeaving(list, { what, start: () => startWith(ids), count, next, ids })),
    ),
  );
}

const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);
if (only !== undefined && !Object.hasOwn(groups, only)) {
  console.log(`--only is "${only}": use ${Object.keys(groups).join(', ')}`);
  process.exit(1);
}

/** Runs this many of these groups' checks at once; they mostly wait. */
async function run(title, names, atOnce) {
  const checks = names.flatMap((name) => (only === undefined || only === name ? groups[name]() : []));
  if (checks.length > 0) list.section(title);
  const worker = async () => {
    for (let check = checks.shift(); check !== undefined; check = checks.shift()) await check();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

await run('Peers that close after so many answers', ['one-shot', 'five'], 4);
// socat gives a connection 0.3 s, and its sed must have started by then: nothing else runs at this time.
await run('Idle closes, and outages', ['outage', 'idle'], 10);
if (process.argv.includes('--write')) {
  writeFigures('Peers that close connections', {
    version: versions.join(', '),
    checks: list.counts,
    figures: list.figures,
  });
}
list.finish();
