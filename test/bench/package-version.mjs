import { readFileSync } from 'node:fs';

const places = [(name) => `node_modules/${name}/package.json`, () => '../../package.json'];

/** Returns the version of a contender's package installed here, or of this repository; otherwise `undefined`. */
export function packageVersion(name) {
  for (const place of places) {
    const found = read(new URL(place(name), import.meta.url));
    if (found?.name === name) return found.version;
  }
  return undefined;
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
