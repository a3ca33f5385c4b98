const WIDTH = 800;
const LABEL_WIDTH = 150;
const VALUE_WIDTH = 130;
const BAR_HEIGHT = 14;
const LINE_HEIGHT = 20;
const HEAD_HEIGHT = 34;
const TOP = 56;
const plotWidth = WIDTH - LABEL_WIDTH - VALUE_WIDTH;

const style = `
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .title { font-size: 15px; font-weight: 600; }
  .row { font-weight: 600; }
  .soft { fill: #57606a; }
  .bar { fill: #8c959f; }
  .own { fill: #0969da; }
  .limit { fill: #d0d7de; }
  .spread { stroke: #24292f; stroke-width: 1; }
  .one { stroke: #57606a; stroke-dasharray: 3 3; }
  .ground { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .soft { fill: #9198a1; }
    .bar { fill: #6e7681; }
    .own { fill: #4493f8; }
    .limit { fill: #30363d; }
    .spread { stroke: #e6edf3; }
    .one { stroke: #9198a1; }
    .ground { fill: #0d1117; }
  }`;

/**
 * Draws the result: for each row a bar for each contender, with its throughput in proportion to the
 * limit's; the thin line is its spread over the rounds. Memory is left out: there, less is better.
 */
export function ratioPlot(result, { rows } = {}) {
  const shown = result.rows.filter(({ row, measure }) => measure === 'perSecond' && (rows?.includes(row) ?? true));
  const longest = Math.max(1, ...shown.flatMap(({ contenders }) => contenders.map(({ ratio }) => ratio?.high ?? 0)));
  const scale = (ratio) => LABEL_WIDTH + (ratio / longest) * plotWidth;
  const parts = [];
  let y = TOP;
  for (const row of shown) {
    parts.push(rowPart(row, y, scale));
    y += heightOf(row);
  }
  return svg(y + 8, [
    `<text class="title" x="16" y="26">Throughput in proportion to the hand-written client (1.0)</text>`,
    `<text class="soft" x="16" y="44">${escapeText(`median and spread, rounds: ${result.rounds}; ${result.pinned}, Node ${result.node}`)}</text>`,
    ...parts,
  ]);
}

function svg(height, parts) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>Throughput of each contender in proportion to the hand-written client</title>`,
    `<style>${style}\n</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function heightOf({ contenders }) {
  return HEAD_HEIGHT + contenders.length * LINE_HEIGHT;
}

function rowPart(row, top, scale) {
  const bars = row.contenders.map((contender, index) =>
    barPart(contender, top + HEAD_HEIGHT + index * LINE_HEIGHT, scale),
  );
  const one = round(scale(1));
  return [
    `<text class="row" x="16" y="${top + 22}">${escapeText(row.row)}</text>`,
    `<text class="soft" x="${LABEL_WIDTH}" y="${top + 22}">${escapeText(row.about)}</text>`,
    ...bars,
    `<line class="one" x1="${one}" x2="${one}" y1="${top + HEAD_HEIGHT - 3}" y2="${top + heightOf(row) - 3}"/>`,
  ].join('\n');
}

function barPart({ name, ratio, perSecond }, top, scale) {
  const middle = top + BAR_HEIGHT / 2;
  const label = `<text x="${LABEL_WIDTH - 8}" y="${middle + 4}" text-anchor="end">${escapeText(name)}</text>`;
  if (ratio === null) return label;
  const end = round(scale(ratio.median));
  const kind = { limit: 'limit', choragus: 'own' }[name] ?? 'bar';
  const value = `${ratio.median.toFixed(ratio.median < 0.1 ? 3 : 2)}  (${compact(perSecond.median)}/s)`;
  return [
    label,
    `<rect class="${kind}" x="${LABEL_WIDTH}" y="${top}" width="${round(end - LABEL_WIDTH)}" height="${BAR_HEIGHT}" rx="2"/>`,
    `<line class="spread" x1="${round(scale(ratio.low))}" x2="${round(scale(ratio.high))}" y1="${middle}" y2="${middle}"/>`,
    `<text class="soft" x="${WIDTH - 12}" y="${middle + 4}" text-anchor="end">${value}</text>`,
  ].join('\n');
}

function compact(value) {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  return value >= 1_000 ? `${(value / 1_000).toFixed(1)} k` : value.toFixed(0);
}

function round(value) {
  return Math.round(value * 10) / 10;
}

function escapeText(text) {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
