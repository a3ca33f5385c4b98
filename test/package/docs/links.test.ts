import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const pages = ['README.md', ...readdirSync(join(root, 'docs'), { recursive: true }).map((file) => `docs/${file}`)]
  .filter((file) => file.endsWith('.md') && existsSync(join(root, file)))
  .sort();

/** A page without its code: blocks and text between backticks contain no links. */
function proseOf(markdown: string): string {
  return markdown.replace(/^(```+|~~~+).*?^\1 *$/gms, '').replace(/(`+)[^`].*?\1/g, 'code');
}

function linksOf(page: string): string[] {
  const prose = proseOf(readFileSync(join(root, page), 'utf8'));
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const referenced = [...prose.matchAll(/^\[[^\]]+\]:\s+<?(\S+?)>?\s*$/gm)];
  return [...inline, ...referenced]
    .map(([, link]) => link as string)
    .filter((link) => !/^[a-z][a-z\d+.-]*:/i.test(link));
}

/** Returns the anchors that GitHub gives a page's headings. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  const markdown = readFileSync(page, 'utf8').replace(/^(```+|~~~+).*?^\1 *$/gms, '');
  for (const [, heading] of markdown.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const text = (heading as string).replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = text.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Returns the fault of a link; `undefined` if its target exists. */
function faultOf(page: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#').map(decodeURIComponent);
  const target = path === '' ? join(root, page) : resolve(root, dirname(page), path);
  if (relative(root, target).startsWith('..')) return `${link} leads out of the repository`;
  if (!existsSync(target)) return `${link} leads to nothing`;
  if (anchor === undefined) return undefined;
  if (statSync(target).isDirectory() || !target.endsWith('.md')) return `${link} has an anchor, but leads to no page`;
  return anchorsOf(target).has(anchor) ? undefined : `${link} leads to a heading that is not there`;
}

describe('the relative links of', () => {
  test.each(pages)('%s', (page) => {
    expect(linksOf(page).flatMap((link) => faultOf(page, link) ?? [])).toEqual([]);
  });
});

test('every page of docs has a link from another page', () => {
  const linked = new Set(
    pages.flatMap((page) =>
      linksOf(page).map((link) => relative(root, resolve(root, dirname(page), link.split('#')[0] as string))),
    ),
  );
  expect(pages.filter((page) => page.startsWith('docs/') && !linked.has(page))).toEqual([]);
});
