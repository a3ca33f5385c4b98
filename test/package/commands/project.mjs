import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** What a reader of the docs installs beside the package. */
const beside = ['rxjs', 'undici', 'ws', 'express', 'fastify', 'esbuild'];

/**
 * Makes a project in a new folder, and installs the packed package there without a registry: its dependencies are links to those of
 * the repository.
 *
 * @returns the folder.
 */
export function makeProject() {
  const folder = mkdtempSync(join(tmpdir(), 'choragus-commands-'));
  const modules = join(folder, 'node_modules');
  const choragus = join(modules, 'choragus');
  mkdirSync(choragus, { recursive: true });
  // The build has made `dist`: the script `prepare` would only make it again.
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { stdio: 'pipe' });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', choragus, '--strip-components=1']);

  const { bin, dependencies } = JSON.parse(readFileSync(join(choragus, 'package.json'), 'utf8'));
  for (const name of [...Object.keys(dependencies), ...beside]) link(`node_modules/${name}`, join(modules, name));
  chmodSync(join(choragus, bin.choragus), 0o755);
  link(join(choragus, bin.choragus), join(modules, '.bin/choragus'));
  link('node_modules/.bin/esbuild', join(modules, '.bin/esbuild'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  return folder;
}

function link(target, path) {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(resolve(target), path);
}
