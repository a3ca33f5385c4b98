import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../support/source-files.js';

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((file) => `docs/${file}`);
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', '.github/pull_request_template.md', ...docs]
  .filter((page) => page.endsWith('.md'))
  .map((page) => ({ page, text: readFileSync(join(root, page), 'utf8') }));

describe('wherever a page names it, in a block or within a sentence,', () => {
  test('a script of npm is there', () => {
    const named = pages.flatMap(({ page, text }) =>
      [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => ({ page, script: script as string })),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ script }) => scripts[script] === undefined)).toEqual([]);
  });

  test('a file or folder of tests is there', () => {
    const named = pages.flatMap(({ page, text }) =>
      [...text.matchAll(/(?<![\w/])test\/[\w./-]*\w/g)].map(([path]) => ({ page, path })),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ path }) => !existsSync(join(root, path)))).toEqual([]);
  });
});
