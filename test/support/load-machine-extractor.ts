import Module, { createRequire } from 'node:module';

/** The part of the package that we use. */
export interface MachineExtractor {
  extractMachinesFromFile(text: string): { readonly machines: readonly { toConfig(): unknown }[] } | null;
}

type Resolve = (request: string, ...rest: unknown[]) => string;

/**
 * Loads the extractor of Stately's tools. It is made for xstate 4, and loads two of its files for machines that use named actions.
 * Our machines use none, so we give it xstate 5 instead.
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
