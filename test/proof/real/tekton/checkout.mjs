import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './cache.mjs';

const REPOSITORY = 'https://github.com/ckoons/Tekton';
/** The state of 5 July 2025, which Choragus is compared with. */
export const COMMIT = '2ce65fb6e60200205b461e282c153feace98180e';
/** The files that these programs need. `landmarks` is left out: see python/stub/landmarks.py. */
const FOLDERS = ['shared', 'scripts'];
const FETCH_LIMIT_MS = 120_000;

/**
 * Writes Tekton's unmodified sources into `folder`/Tekton. They come from the clone in TEKTON_REPO, or are fetched from
 * GitHub once.
 *
 * @returns the path of the sources, or `{ missing }`, the reason in words.
 */
export function checkOut(folder) {
  const { TEKTON_REPO: named } = process.env;
  if (named !== undefined && !hasCommit(named)) return { missing: `TEKTON_REPO=${named} has no commit ${COMMIT}` };
  const repository = named ?? fetched();
  if (repository === undefined) return { missing: `TEKTON_REPO is not set, and ${REPOSITORY} cannot be fetched` };
  const path = join(folder, 'Tekton');
  mkdirSync(path, { recursive: true });
  const archive = git(['-C', repository, 'archive', COMMIT, ...FOLDERS]);
  const unpacked = spawnSync('tar', ['-x', '-C', path], { input: archive.stdout });
  if (archive.status !== 0 || unpacked.status !== 0)
    return { missing: `cannot unpack: ${archive.stderr}${unpacked.stderr}` };
  return { path };
}

/** Returns the repository in the cache, and fetches it if it is missing; `undefined` if that fails. */
function fetched() {
  const repository = join(CACHE, 'tekton.git');
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
