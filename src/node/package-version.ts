import { createRequire } from 'node:module';

/** The version of this package, by its own name: wherever the code stands. */
export function packageVersion(): string {
  const require = createRequire(import.meta.url);
  return (require('choragus/package.json') as { readonly version: string }).version;
}
