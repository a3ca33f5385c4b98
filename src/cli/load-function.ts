import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../terminal/command-line.js';

/**
 * Loads the default export of a module, which must be a function.
 *
 * @param path - The absolute path of the file.
 * @param wanted - What the function does, for the error: `a function from a request to an answer`.
 * @throws UsageError if there is no such file or its default export is not a function; Error if it cannot be loaded.
 */
export async function loadFunction<F>(path: string, wanted: string): Promise<F> {
  if (!existsSync(path)) throw new UsageError(`there is no file ${path}`);
  let loaded: { readonly default?: unknown };
  try {
    loaded = await import(pathToFileURL(path).href);
  } catch (error) {
    throw new Error(`${path} cannot be loaded: ${whereOf(error)}`);
  }
  if (typeof loaded.default === 'function') return loaded.default as F;
  throw new UsageError(`${path} has no function as its default export: export ${wanted}`);
}

/** Returns an error's message. Adds the file and line to a syntax error: Node writes them as the first line of the stack. */
function whereOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [where = ''] = error.stack?.split('\n') ?? [];
  return error instanceof SyntaxError && /:\d+$/.test(where) ? `${error.message} (${where})` : error.message;
}
