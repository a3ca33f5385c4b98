import { mkdirSync, writeFileSync } from 'node:fs';

/**
 * Writes the figures of a proof's run to `$FIGURES/<name>.json`. `npm run reliability` makes the tables of
 * `docs/reliability.md` from these files. Does nothing without `FIGURES` in the environment.
 */
export function noteFigures(name: string, figures: object): void {
  const folder = process.env.FIGURES;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${name}.json`, `${JSON.stringify(figures, null, 2)}\n`);
}
