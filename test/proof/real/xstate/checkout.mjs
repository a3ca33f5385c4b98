import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from '../tekton/cache.mjs';

const REPOSITORY = 'https://github.com/statelyai/xstate';
/** The state of 22 July 2026. */
export const COMMIT = 'b1811bf77bc2d1a74367328cec7907aa185b70df';
const FETCH_LIMIT_MS = 120_000;

/**
 * Writes the examples of xstate's repository into `folder`, unmodified. They come from the clone in XSTATE_REPO, or are
 * fetched from GitHub once.
 *
 * @returns the path of the examples, or `{ missing }`, the reason in words.
 */
export function checkOut(folder) {
  const { XSTATE_REPO: named } = process.env;
  if (named !== undefined && !hasCommit(named)) return { missing: `XSTATE_REPO=${named} has no commit ${COMMIT}` };
  const repository = named ?? fetched();
  if (repository === undefined) return { missing: `XSTATE_REPO is not set, and ${REPOSITORY} cannot be fetched` };
  mkdirSync(folder, { recursive: true });
  const archive = git(['-C', repository, 'archive', COMMIT, 'examples']);
  const unpacked = spawnSync('tar', ['-x', '-C', folder], { input: archive.stdout });
  if (archive.status !== 0 || unpacked.status !== 0)
    return { missing: `cannot unpack: ${archive.stderr}${unpacked.stderr}` };
  return { path: join(folder, 'examples') };
}

/** Returns the repository in the cache, and fetches it if it is missing; `undefined` if that fails. */
function fetched() {
  const repository = join(CACHE, 'xstate.git');
  if (hasCommit(repository)) return repository;
  mkdirSync(CACHE, { recursive: true });
  git(['init', '--quiet', '--bare', repository]);
  git(['-C', repository, 'fetch', '--quiet', '--depth', '1', REPOSITORY, COMMIT]);
  return hasCommit(repository) ? repository : undefined;
}

function hasCommit(repository) {
  return git(['-C', repository, 'cat-file', '-e', `${COMMIT}^{commit}`]).status === 0;
}

function git(args) {
  const env = { ...process.env, GIT_TERMINAL_PROMPT: '0' };
  return spawnSync('git', args, { env, timeout: FETCH_LIMIT_MS, maxBuffer: 256 * 1_024 * 1_024 });
}
