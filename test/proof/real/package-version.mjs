import { readFileSync } from 'node:fs';

/** The version of a package that is installed in this folder. */
export function packageVersion(name) {
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
}

/** The file that a package's command runs. A command started through `npx` would not get our signals. */
export function commandFile(name, command) {
  const folder = new URL(`node_modules/${name}/`, import.meta.url);
  const { bin } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
  return new URL(bin[command], folder).pathname;
}
