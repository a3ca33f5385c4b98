/**
 * Returns a result of the benchmark as Markdown: a table for each row, under a heading, and notes on each contender.
 * The columns are aligned for raw reading.
 */
export function markdownTables(result) {
  const tables = result.rows.map((row) => `### ${row.row}\n\n${capital(row.about)}.\n\n${tableOf(row)}\n`);
  return [...tables, `### The contenders\n\n${notesOf(result)}\n`].join('\n');
}

function notesOf({ rows }) {
  const notes = new Map(rows.flatMap(({ contenders }) => contenders.map(({ name, note }) => [name, note])));
  return [...notes].map(([name, note]) => `- **${name}**: ${note}.`).join('\n');
}

function tableOf(row) {
  const columns = row.measure === 'bytes' ? byteColumns(row) : rateColumns(row);
  const heads = columns.map(([head]) => head);
  const lines = row.contenders.map((contender) => columns.map(([, cell]) => cell(contender)));
  const widths = heads.map((head, at) =>
    Math.max(...[head, ...lines.map((line) => line[at])].map((cell) => cell.length)),
  );
  const rule = widths.map((width, at) => (at < 2 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  const padded = lines.map((line) =>
    line.map((cell, at) => (at < 2 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))),
  );
  const all = [heads.map((head, at) => head.padEnd(widths[at])), rule, ...padded];
  return all.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const named = [
  ['contender', ({ name }) => name],
  ['version', ({ version }) => version ?? ''],
];

function rateColumns({ unit, part, parts, base = 'the limit' }) {
  const answers = [`${part}s/s`, ({ perSecond }) => whole(perSecond.median * parts)];
  return [
    ...named,
    [
      `${unit}s/s`,
      ({ perSecond }) => `${whole(perSecond.median)} (${whole(perSecond.low)} to ${whole(perSecond.high)})`,
    ],
    ...(part === undefined ? [] : [answers]),
    [`ratio to ${base}`, ({ ratio }) => ratioText(ratio)],
    [`CPU µs/${unit}`, ({ cpuUsPerOperation }) => short(cpuUsPerOperation)],
    ['p50 µs', ({ p50us }) => short(p50us)],
    ['p99 µs', ({ p99us }) => short(p99us)],
    ['p99.9 µs', ({ p999us }) => short(p999us)],
  ];
}

function byteColumns({ unit, contenders }) {
  const hasHeap = contenders.some(({ heapBytes }) => heapBytes !== undefined);
  return [
    ...named,
    [`bytes/${unit}`, ({ bytes }) => `${whole(bytes.median)} (${whole(bytes.low)} to ${whole(bytes.high)})`],
    ...(hasHeap ? [['of this heap', ({ heapBytes }) => whole(heapBytes)]] : []),
    ['ratio to the limit', ({ ratio }) => ratioText(ratio)],
  ];
}

function ratioText(ratio) {
  if (ratio === null) return '';
  return `${short(ratio.median)} (${short(ratio.low)} to ${short(ratio.high)})`;
}

function whole(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : short(value);
}

/** Three digits, never as a power. */
function short(value) {
  if (value === undefined) return '';
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(1) : value >= 0.1 ? value.toFixed(2) : value.toFixed(3);
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}
