import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE } from '../cache.mjs';

/** Packages that the specialists (httpx) and `aish` (requests) import. */
const PACKAGES = ['httpx', 'requests'];
const INSTALL_LIMIT_MS = 300_000;

const folder = fileURLToPath(new URL('python', import.meta.url));
export const pythonFile = (name) => join(folder, name);

/**
 * Finds a Python with the packages: `python3` if it has them, else that of a virtual environment in the cache.
 *
 * @returns its path and version, or `{ missing }`, the reason in words.
 */
export function findPython() {
  const venv = join(CACHE, 'tekton-venv');
  const own = join(venv, 'bin/python');
  for (const python of ['python3', own]) if (hasPackages(python)) return found(python);
  mkdirSync(CACHE, { recursive: true });
  const made = run('python3', ['-m', 'venv', '--clear', venv]);
  if (made.status !== 0) return missing('python3 -m venv fails', made);
  const installed = run(own, ['-m', 'pip', 'install', '--quiet', ...PACKAGES]);
  return hasPackages(own) ? found(own) : missing('pip cannot install them', installed);
}

/**
 * The environment of Tekton's programs. The specialists ask `http://localhost:11434` with httpx, which sends that
 * through the proxy in the environment, where our model server answers.
 */
export function pythonEnv({ tekton, home, modelPort }) {
  return {
    HOME: home,
    PYTHONPATH: [join(folder, 'stub'), folder, tekton].join(':'),
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '',
    PYTHONPYCACHEPREFIX: join(tekton, '../pycache'),
    // httpx loads all certificates for each request, 50 ms of a processor; none is needed here.
    SSL_CERT_FILE: '',
    SSL_CERT_DIR: join(folder, 'stub'),
    TEKTON_ROOT: tekton,
    TEKTON_AI_PROVIDER: 'ollama',
    // This port has no listener: `aish` falls back to Rhetor's HTTP API, which is not part of this.
    TEKTON_RHETOR_PORT: '1',
    http_proxy: `http://127.0.0.1:${modelPort}`,
    NO_PROXY: '',
    no_proxy: '',
  };
}

function hasPackages(python) {
  return run(python, ['-c', `import ${PACKAGES.join(', ')}`]).status === 0;
}

function found(path) {
  const { stdout } = run(path, ['-c', 'import platform; print(platform.python_version())']);
  return { path, version: stdout.trim() };
}

function missing(what, { error, stderr }) {
  const [last] = `${error?.message ?? stderr}`.trim().split('\n').slice(-1);
  return { missing: `python3 with ${PACKAGES.join(' and ')} is needed, and ${what}: ${last}` };
}

function run(command, args) {
  return spawnSync(command, args, { encoding: 'utf8', timeout: INSTALL_LIMIT_MS });
}
