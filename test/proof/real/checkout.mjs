import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './cache.mjs';

const FETCH_LIMIT_MS = 120_000;

/**
 * Writes some folders of another project's repository into `folder`, unmodified. They come from the clone that an environment
 * variable names, or are fetched from `url` once.
 *
 * @param source - `variable`: the environment variable. `url`: the repository. `commit`: its state. `folders`: what to write.
 * `cache`: the name of the fetched repository among those that are kept.
 * @returns an empty object, or `{ missing }`, the reason in words.
 */
export function checkOut({ variable, url, commit, folders, cache }, folder) {
  const { [variable]: named } = process.env;
  if (named !== undefined && !hasCommit(named, commit))
    return { missing: `${variable}=${named} has no commit ${commit}` };
  const repository = named ?? fetched(url, commit, cache);
  if (repository === undefined) return { missing: `${variable} is not set, and ${url} cannot be fetched` };
  mkdirSync(folder, { recursive: true });
  const archive = git(['-C', repository, 'archive', commit, ...folders]);
  const unpacked = spawnSync('tar', ['-x', '-C', folder], { input: archive.stdout });
  if (archive.status !== 0 || unpacked.status !== 0)
    return { missing: `cannot unpack: ${archive.stderr}${unpacked.stderr}` };
  return {};
}

/** Returns the repository in the cache, and fetches it if it is missing; `undefined` if that fails. */
function fetched(url, commit, cache) {
  const repository = join(CACHE, cache);
  if (hasCommit(repository, commit)) return repository;
  mkdirSync(CACHE, { recursive: true });
  git(['init', '--quiet', '--bare', repository]);
  git(['-C', repository, 'fetch', '--quiet', '--depth', '1', url, commit]);
  return hasCommit(repository, commit) ? repository : undefined;
}

function hasCommit(repository, commit) {
  return git(['-C', repository, 'cat-file', '-e', `${commit}^{commit}`]).status === 0;
}

function git(args) {
  const env = { ...process.env, GIT_TERMINAL_PROMPT: '0' };
  return spawnSync('git', args, { env, timeout: FETCH_LIMIT_MS, maxBuffer: 256 * 1_024 * 1_024 });
}
