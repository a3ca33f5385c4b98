import { createRequire } from 'node:module';

/** Returns the version of this package. Resolves the package by its own name, so that it works in source and in `dist`. */
export function packageVersion(): string {
  const require = createRequire(import.meta.url);
  return (require('choragus/package.json') as { readonly version: string }).version;
}
