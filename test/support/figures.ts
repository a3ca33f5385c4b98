import { mkdirSync, writeFileSync } from 'node:fs';

/**
 * Notes what a run of a proof amounted to, as `$FIGURES/<name>.json`, from which `npm run reliability` makes the tables
 * of `docs/reliability.md`. Without `FIGURES` in the environment it does nothing.
 */
export function noteFigures(name: string, figures: object): void {
  const folder = process.env.FIGURES;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${name}.json`, `${JSON.stringify(figures, null, 2)}\n`);
}
