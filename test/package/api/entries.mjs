import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder that holds the package, with a slash at its end. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** The entries of the package that have types: the name of each, and the file of its built types. */
export const entries = Object.entries(exports)
  .filter(([, target]) => target.types !== undefined)
  .map(([specifier, target]) => ({
    name: specifier === '.' ? 'choragus' : specifier.slice('./'.length),
    types: root + target.types.slice('./'.length),
  }));
