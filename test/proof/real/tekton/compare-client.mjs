/**
 * Compares `choragus/tekton` with the client that it replaces: calls the original's functions and those of Choragus with
 * the same arguments, against the same peer, and compares what they return and what they sent.
 *
 *   TEKTON_REPO=… node test/proof/real/tekton/compare-client.mjs          # a checkout, or a clone; needs a build (npm run build)
 *   TEKTON_REPO=… node test/proof/real/tekton/compare-client.mjs --write  # writes test/unit/tekton/original/observed.jsonl anew
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { cases, commit } from '../../../unit/tekton/original/cases.mjs';
import { callOurs, differencesOf, observe, readObserved } from '../../../unit/tekton/original/compare.mjs';

const file = (path) => fileURLToPath(new URL(path, import.meta.url));
/** Number of cases at once. */
const AT_ONCE = 8;
const observedFile = file('../../../unit/tekton/original/observed.jsonl');

/**
 * Runs all cases.
 *
 * @param repo - A checkout of the original at `commit`, or a clone that has the commit.
 * @param python - The interpreter; `aish` needs the package `requests`. Default: `python3`.
 * @returns a row for each case: `input` (its name), `original` and `ours` (the results of the calls, and what the peer received),
 * `same`, `differences` with their reasons, `explained` (each difference has a reason, and each reason a difference), and
 *   `recorded` (the original did what observed.jsonl says).
 */
export async function compareClient({ repo, python = 'python3' }) {
  const scratch = mkdtempSync(join(tmpdir(), 'choragus-compare-'));
  const library = await openLibrary();
  const observed = readObserved();
  const theirs = openOriginal({ python, checkout: checkOut(repo, scratch), home: scratch });
  try {
    return await mapSome(cases, AT_ONCE, async (each) => {
      const original = normalize(await observe(each, (calls) => theirs.call(each.name, calls)));
      const ours = await observe(each, (calls) => callOurs(library, calls));
      const differences = differencesOf(each, original, ours).map((found) => ({
        ...found,
        why: each.differs[found.field],
      }));
      const fields = new Set(differences.map(({ field }) => field));
      return {
        input: each.name,
        original,
        ours,
        same: differences.length === 0,
        differences,
        explained: isDeepStrictEqual(fields, new Set(Object.keys(each.differs))),
        recorded: isDeepStrictEqual(withoutTexts(original), withoutTexts(observed[each.name])),
      };
    });
  } finally {
    await theirs.close();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function openLibrary() {
  const dist = process.env.CHORAGUS_DIST
    ? pathToFileURL(`${process.env.CHORAGUS_DIST}/`)
    : new URL('../../../../dist/', import.meta.url);
  const { createPool } = await import(new URL('src/index.js', dist).href);
  const { createTektonClient } = await import(new URL('src/tekton/index.js', dist).href);
  return { createPool, createTektonClient };
}

/** Returns the path of the original's files at the commit: unpacked from a clone, or those of a checkout that is no clone. */
function checkOut(repo, scratch) {
  const archive = spawnSync('git', ['-C', repo, 'archive', commit, 'shared/ai', 'shared/aish'], { maxBuffer: 2 ** 28 });
  if (archive.status === 0) {
    const unpacked = spawnSync('tar', ['-x', '-C', scratch], { input: archive.stdout });
    if (unpacked.status === 0) return scratch;
  }
  if (existsSync(join(repo, 'shared/ai/socket_client.py'))) return repo;
  throw new Error(`${repo} is no checkout of the original, and no clone with the commit ${commit}`);
}

/** Starts the original's side: a program that makes the calls of a case, cases side by side. */
function openOriginal({ python, checkout, home }) {
  const child = spawn(python, [file('compare_client.py'), checkout], {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      PYTHONPATH: file('python/stub'),
      PYTHONDONTWRITEBYTECODE: '1',
      // This port has no listener: `aish` asks it about names that it does not know.
      TEKTON_RHETOR_PORT: '1',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const waiting = new Map();
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    log = (log + text).slice(-2_000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, outcomes } = JSON.parse(line);
    waiting.get(id).resolve(outcomes);
    waiting.delete(id);
  });
  const ended = once(child, 'close').then(([code]) => {
    for (const { reject } of waiting.values()) reject(new Error(`${python} ended with ${code}:\n${log}`));
  });
  child.once('error', (error) => {
    for (const { reject } of waiting.values()) reject(error);
  });
  return {
    call: (id, calls) =>
      new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        child.stdin.write(`${JSON.stringify({ id, calls }, encode)}\n`);
      }),
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

/** JSON cannot represent such numbers. */
function encode(_, value) {
  return typeof value === 'number' && !Number.isFinite(value) ? { $: String(value) } : value;
}

/** Leaves out the duration, which differs each time. */
function normalize(seen) {
  return JSON.parse(JSON.stringify(seen), (name, value) => (name === 'elapsed_time' ? 0 : value));
}

/** Leaves out the texts of errors: they depend on the version of Python, and on the system. */
function withoutTexts(seen) {
  return JSON.parse(JSON.stringify(seen ?? {}), (name, value) => (name === 'error' ? typeof value : value));
}

/** Maps items with an asynchronous function, some of them at once. */
async function mapSome(items, atOnce, map) {
  const results = [];
  const queue = items.entries();
  const work = async () => {
    for (const [index, item] of queue) results[index] = await map(item, index);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}

if (process.argv[1] === file('compare-client.mjs')) {
  const { TEKTON_REPO: repo } = process.env;
  if (repo === undefined) throw new Error('TEKTON_REPO is not set: it takes the path of a checkout or a clone');
  const rows = await compareClient({ repo });
  if (process.argv.includes('--write')) {
    const lines = rows.map(({ input, original }) => JSON.stringify({ case: input, ...original }));
    writeFileSync(observedFile, `${lines.join('\n')}\n`);
  }
  const wrong = rows.filter(({ explained, recorded }) => !explained || !(recorded || process.argv.includes('--write')));
  for (const { input, original, ours, differences, explained, recorded } of wrong) {
    console.log(
      `${input}: ${explained ? '' : 'a difference without a reason, or a reason without a difference. '}${recorded ? '' : 'The original did not do what observed.jsonl says.'}`,
    );
    console.log(JSON.stringify({ differences, original, ours }, undefined, 1));
  }
  const same = rows.filter((row) => row.same).length;
  console.log(
    `${rows.length} cases: ${same} the same, ${rows.length - same} differ, ${wrong.length} unexplained or not as recorded`,
  );
  process.exit(wrong.length === 0 ? 0 : 1);
}
