import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds `package.json`, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** One import (or re-export) of a source file. */
export interface Import {
  /** The specifier, as written. */
  readonly specifier: string;
  /** The imported file, relative to the root; `undefined` for a package. */
  readonly path: string | undefined;
  /** `type`: the compiler erases it, so it cannot make a cycle at run time. */
  readonly kind: 'type' | 'value';
}

/** One source file. */
export interface SourceFile {
  /** The path from the root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The text without comments. */
  readonly code: string;
  readonly imports: readonly Import[];
}

/** Reads all TypeScript files of a folder, from the root. */
export function readSources(folder: string): SourceFile[] {
  return readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => /\.tsx?$/.test(path))
    .sort()
    .map((path) => {
      const text = readFileSync(root + path, 'utf8');
      const code = withoutComments(text);
      return { path, text, code, imports: importsOf(path, code) };
    });
}

/** Removes comments: blocks, and line comments with a space before them (`tcp://` has none). */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

/** `import … from`, `export … from`, `import '…'` and `import('…')`. */
function importsOf(path: string, code: string): Import[] {
  const statements = code.matchAll(/^(?:import|export)\s+(type\s)?(?:[\w*\s{},$]+?\s*from\s+)?'([^']+)'/gm);
  const dynamic = code.matchAll(/\bimport\((\s*)'([^']+)'/g);
  return [...statements, ...dynamic].map(([, type, specifier = '']) => ({
    specifier,
    path: specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts') : undefined,
    kind: type?.trim() === 'type' ? 'type' : 'value',
  }));
}
