/** The goals of Choragus, as ratios to the limit in the same run. */
export const bars = [
  { row: 'ask c1', figure: 'p50Ratio', most: 1.15 },
  { row: 'ask c64', figure: 'ratio', least: 0.7 },
  { row: 'ask c256', figure: 'ratio', least: 0.7 },
  { row: 'stream', figure: 'ratio', least: 0.85 },
];

/** Returns the bars missed by half: no noise explains that. */
export function missedBars(rows) {
  return bars.flatMap(({ row, figure, least, most }) => {
    const contenders = rows.find((one) => one.row === row)?.contenders ?? [];
    const median = contenders.find(({ name }) => name === 'choragus')?.[figure]?.median;
    const isMissed =
      median === undefined || median < (least ?? 0) / 2 || median > (most ?? Number.POSITIVE_INFINITY) * 2;
    return isMissed ? [{ row, text: `${row}: ${figure} ${median}, and the bar is ${least ?? most}` }] : [];
  });
}
