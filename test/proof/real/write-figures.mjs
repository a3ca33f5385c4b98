import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { figuresPage } from './figures-page.mjs';

const FILE = fileURLToPath(new URL('../../../docs/real-peers.json', import.meta.url));

/**
 * Writes the figures of one peer to `docs/real-peers.json`, keeps the entries of the other peers, and writes the page
 * of all of them beside it.
 */
export function writeFigures(peer, found, file = FILE) {
  const all = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  all[peer] = { date: new Date().toISOString().slice(0, 10), node: process.version, ...found };
  const sorted = Object.fromEntries(Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`);
  writeFileSync(file.replace(/\.json$/, '.md'), figuresPage(sorted));
}
