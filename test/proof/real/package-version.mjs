import { readFileSync } from 'node:fs';

/** Returns the version of a package installed in this folder. */
export function packageVersion(name) {
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
}

/** Returns the file that a package's command runs. A command started through `npx` would not get our signals. */
export function commandFile(name, command) {
  const folder = new URL(`node_modules/${name}/`, import.meta.url);
  const { bin } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
  return new URL(bin[command], folder).pathname;
}
