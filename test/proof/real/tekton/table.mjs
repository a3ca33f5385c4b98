/** Prints the cells as a table for the terminal, and the differences in words. */

const WIDTH = 300;

export function printTable(labels, cells) {
  const rows = cells.map(({ cell, counts, ...found }) => [
    cell,
    ...labels.map((label) => countText(counts[label])),
    verdictOf({ counts, ...found }),
  ]);
  const all = [['program: scenario', ...labels, ''], ...rows];
  const widths = all[0].map((_, at) => Math.max(...all.map((row) => row[at].length)));
  for (const row of all)
    console.log(
      row
        .map((text, at) => text.padEnd(widths[at]))
        .join('  ')
        .trimEnd(),
    );
}

/** Prints the first pairs of different outcomes for each difference. */
export function printDifferences(base, cells, most) {
  for (const { cell, differences, crashes } of cells) {
    for (const crash of crashes) console.log(`\n${cell}\n  ${crash}`);
    for (const { world, pairs, of } of differences) {
      console.log(
        `\n${cell}: ${pairs.length} of ${of} outcomes differ, ${pairs.length > most ? 'the first of them' : 'these'}:`,
      );
      for (const [expected, found] of pairs.slice(0, most)) {
        console.log(`  ${base.padEnd(8)} ${shown(expected)}\n  ${world.padEnd(8)} ${shown(found)}`);
      }
    }
  }
}

/** Returns `same`, or which world differs, and whether in the counts of successes and failures or only in the texts. */
export function verdictOf({ counts, differences, crashes }) {
  if (crashes.length > 0) return 'CRASHED';
  const [base] = Object.values(counts);
  const verdicts = differences.map(({ world }) => {
    const isCount = counts[world].ok !== base.ok || counts[world].failed !== base.failed;
    return `${world} differs in ${isCount ? 'COUNTS' : 'texts'}`;
  });
  return verdicts.length === 0 ? 'same' : verdicts.join(', ');
}

export function countText({ ok, failed }) {
  return `${ok} ok, ${failed} failed`;
}

function shown(outcome) {
  const text = outcome === undefined ? 'nothing' : JSON.stringify(outcome);
  return text.length > WIDTH ? `${text.slice(0, WIDTH)}… (${text.length} characters)` : text;
}
