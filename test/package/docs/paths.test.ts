import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readSources, root } from '../../support/source-files.js';

const files = new Map(readSources('src').map((file) => [file.path, file]));
const page = readFileSync(`${root}docs/architecture.md`, 'utf8');

/** The files of each table of the section "The two paths", in order. */
const paths = (page.split('## The two paths')[1]?.split('\n## ')[0] ?? '')
  .split(/\n\n(?=\| file)/)
  .slice(1)
  .map((table) => [...table.matchAll(/^\| `(src\/[^`]+)` \|/gm)].map(([, path]) => path as string));

/** The imports of a file, with an index resolved to the files behind it. */
function importsOf(path: string): readonly string[] {
  return (files.get(path)?.imports ?? []).flatMap(({ path: target }) =>
    target?.endsWith('/index.ts') ? [target, ...importsOf(target)] : target === undefined ? [] : [target],
  );
}

test.each([
  ['from ask to the socket', 0, 8],
  ['from a reply to the subscriber', 1, 6],
])('%s: every file is there, in an order that the imports confirm, and there are few', (_name, index, most) => {
  const path = paths[index] ?? [];
  expect(path.length).toBeGreaterThan(4);
  expect(path.length).toBeLessThanOrEqual(most);
  expect(path.filter((file) => !files.has(file))).toEqual([]);
  const isJoined = (a: string, b: string): boolean => importsOf(a).includes(b) || importsOf(b).includes(a);
  const apart = path.slice(1).filter((file, i) => !isJoined(path[i] as string, file));
  expect(apart).toEqual([]);
});
