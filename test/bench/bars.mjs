/** What Choragus is to reach, as a ratio to the limit in the same run. */
export const bars = [
  { row: 'ask c1', figure: 'p50Ratio', most: 1.15 },
  { row: 'ask c64', figure: 'ratio', least: 0.7 },
  { row: 'ask c256', figure: 'ratio', least: 0.7 },
  { row: 'stream', figure: 'ratio', least: 0.85 },
];

/** The bars that were missed by so much that no noise explains it: by half. */
export function missedBars(rows) {
  return bars.flatMap(({ row, figure, least, most }) => {
    const contenders = rows.find((one) => one.row === row)?.contenders ?? [];
    const median = contenders.find(({ name }) => name === 'choragus')?.[figure]?.median;
    const isMissed =
      median === undefined || median < (least ?? 0) / 2 || median > (most ?? Number.POSITIVE_INFINITY) * 2;
    return isMissed ? [{ row, text: `${row}: ${figure} ${median}, and the bar is ${least ?? most}` }] : [];
  });
}
