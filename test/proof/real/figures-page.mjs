/** Explains figures whose name does not say enough. */
const legend = {
  p50Ms: 'the median time of a request, in ms',
  perSecond: 'requests a second',
  failed: 'requests without an answer',
  retries: 'requests that the client itself sent again',
  p50Ratio: "the median time of Choragus divided by the client's, in each round; the median of all rounds",
  rateRatio: "the rate of Choragus divided by the client's, in the same way",
  direct: 'the report of the program about the original specialists',
  proxy: 'its report about the same specialists behind `serveProxy`',
  serveCi: 'its report about `serveCi` instead of the specialists',
  compared: 'whether the three reports have the same counts and the same texts',
  of: 'requests sent',
  connects: 'connections opened',
  foundMs: 'the time from the restart of the CI to the first answer, in ms',
  dials: 'dials during the outage',
  shortestGapMs: 'the shortest time between two of these dials, in ms',
  refusesAfterMs: 'the longest time from the kill of a CI until its clients are refused, in ms',
  acceptsAfterMs: 'the longest time from the restart of a CI until its clients can connect, in ms',
  stopStreamWorstMs: 'the longest time until a cancelled stream freed its slot of the server, in ms',
  stopAskWorstMs: 'the longest time until a cancelled `ask` freed its slot of the server, in ms',
  contextFields: 'fields of the machine’s context that the page showed',
  eventFields: 'different fields of its events that the page showed',
  shownMs: 'the time from the opening of the page until it showed the chart, the context and the events, in ms',
  shownMedianMs: 'the median of these times, in ms',
  shownWorstMs: 'the longest of these times, in ms',
  emptyMs:
    'the time from the opening of the page without a program until it said so, just before: it shows how busy the machine was, in ms',
  emptyMedianMs: 'the median of these times, in ms',
  emptyWorstMs: 'the longest of these times, in ms',
  withinSecond: 'examples that the page showed in under 1 s',
  recoveryMs: 'the time from the restart of the server to the first answer, in ms',
};

/** Returns the figures of `docs/real-peers.json` as a page. */
export function figuresPage(peers) {
  const names = Object.keys(peers);
  const meanings = [...new Set(names.flatMap((name) => namesIn(peers[name])))].flatMap((figure) =>
    legend[figure] ? [`- \`${figure}\`: ${legend[figure]}.`] : [],
  );
  const rows = names.map((name) => {
    const { date, node, version, checks } = peers[name];
    return [`[${name}](#${anchorOf(name)})`, version, date, node, `${checks.passed} passed, ${checks.failed} failed`];
  });
  return [
    '# Real peers',
    '',
    'With this page you can see how Choragus works with programs of other authors, in place of an agent (CI) or of its clients.',
    '',
    '```sh',
    'npm run real:leaving -- --write   # runs the tests of one group, and writes its figures into this page',
    '```',
    '',
    '`real:llama`, `real:models`, `real:tekton` and `real:xstate` work the same way. The page has the last run of each group that was written.',
    '',
    ...table(['peer', 'version', 'date', 'Node', 'checks'], rows),
    ...(meanings.length > 0 ? ['', 'The figures:', '', ...meanings] : []),
    ...names.flatMap((name) => ['', ...sectionOf(name, peers[name])]),
    '',
  ].join('\n');
}

function sectionOf(name, { figures, ...peer }) {
  const scalars = Object.entries(figures).filter(([, value]) => typeof value !== 'object');
  const clients = ['openai', 'python'].flatMap((client) => (peer[client] ? [[client, peer[client]]] : []));
  const lines = [`## ${name}`];
  if (clients.length + scalars.length > 0) lines.push('', ...table(['figure', 'value'], [...clients, ...scalars]));
  for (const [title, rows] of tablesOf({ figures })) {
    const columns = columnsOf(rows);
    const cells = Object.entries(rows).map(([row, values]) => [row, ...columns.map((column) => values[column] ?? '')]);
    lines.push('', `### ${name}: ${title}`, '', ...table(['', ...columns], cells));
  }
  return lines;
}

/** The tables of a peer: title and rows. Entries that are single rows make one table. */
function tablesOf({ figures }) {
  const entries = Object.entries(figures).filter(([, value]) => typeof value === 'object');
  const rows = entries.filter(([, value]) => isRow(value));
  const tables = entries.filter(([, value]) => !isRow(value));
  return rows.length > 0 ? [...tables, ['single runs', Object.fromEntries(rows)]] : tables;
}

function isRow(value) {
  return Object.values(value).every((one) => typeof one !== 'object');
}

/** The names of all figures of a peer. */
function namesIn({ figures }) {
  const scalars = Object.keys(figures).filter((name) => typeof figures[name] !== 'object');
  return [...scalars, ...tablesOf({ figures }).flatMap(([, rows]) => columnsOf(rows))];
}

function columnsOf(rows) {
  return [...new Set(Object.values(rows).flatMap(Object.keys))];
}

function table(heads, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), `|${' --- |'.repeat(heads.length)}`, ...rows.map(line)];
}

/** Returns the anchor that GitHub makes of a heading. */
function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}
