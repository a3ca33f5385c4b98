import Module, { createRequire } from 'node:module';

/** What of the package is used. */
export interface MachineExtractor {
  extractMachinesFromFile(text: string): { readonly machines: readonly { toConfig(): unknown }[] } | null;
}

type Resolve = (request: string, ...rest: unknown[]) => string;

/**
 * The reader of the tools of Stately. It is made for xstate 4, of which it loads two files: names of actions, for machines that use
 * such. Ours use none, so it is given xstate 5 in their place.
 */
export function loadMachineExtractor(): MachineExtractor {
  const loader = Module as unknown as { _resolveFilename: Resolve };
  const resolve = loader._resolveFilename;
  loader._resolveFilename = (request, ...rest) =>
    resolve.call(loader, request.startsWith('xstate/lib/') ? 'xstate' : request, ...rest);
  try {
    return createRequire(import.meta.url)('@xstate/machine-extractor') as MachineExtractor;
  } finally {
    loader._resolveFilename = resolve;
  }
}
