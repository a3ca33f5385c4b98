import { bars } from './bars.mjs';
import { parts } from './budget/parts.mjs';
import { markdownTables } from './markdown-tables.mjs';
import { orderingTable } from './ordering/table.mjs';

/** Writes the figures to `docs/performance.md`, each between its own marks: `<!-- rates -->` … `<!-- /rates -->`. */
export function performancePage(page, figures) {
  return Object.entries(tables).reduce((text, [name, table]) => {
    if (figures[name] === undefined) return text;
    return filled(text, name, table(figures[name]));
  }, page);
}

/** Writes the inspector's budget to `docs/inspector.md`. */
export function inspectorPage(page, { watching }) {
  return watching === undefined ? page : filled(page, 'watching', watchingBudgetOf(watching));
}

function filled(page, name, table) {
  const place = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*(<!-- /${name} -->)`);
  if (!place.test(page)) throw new Error(`the page has no place for ${name}`);
  return page.replace(place, (_, begin, end) => `${begin}${table}\n${end}`);
}

const tables = {
  rates: ratesOf,
  ordering: orderingOf,
  scale: scaleOf,
  trouble: troubleOf,
  budget: budgetOf,
  watching: watchingOf,
  monitoring: monitoringOf,
  proxy: proxyOf,
};

function ratesOf(result) {
  const { when, node, machine, command, pinned, rounds, seconds, absent, failures } = result;
  const lost = new Set(failures.map(({ contender, row }) => `${contender} (${row})`));
  return [
    `${when.slice(0, 10)}, Node ${node}, ${machine.cpu}, ${machine.cores} cores, ${machine.kernel}; ${pinned}; ${rounds} rounds of ${seconds} s; \`${command}\`.`,
    '',
    barTable(result.rows),
    '',
    peerTable(result.rows),
    '',
    ...absent.map(({ name, what }) => `Absent: ${name} (${what}).\n`),
    ...[...lost].map((one) => `Failed in some round: ${one}.\n`),
    markdownTables(result),
  ].join('\n');
}

function orderingOf({ when, node, machine, pinned, rounds, seconds, rows }) {
  return [
    `${when.slice(0, 10)}, Node ${node}, ${machine.cpu}, ${machine.cores} cores; ${pinned}; ${rounds} rounds of ${seconds} s; \`node test/bench/ordering/run.mjs\`.`,
    '',
    orderingTable(rows),
  ].join('\n');
}

function barTable(rows) {
  const lines = bars.flatMap(({ row, figure, least, most }) => {
    const own = rows.find((one) => one.row === row)?.contenders.find(({ name }) => name === 'choragus')?.[figure];
    if (own === undefined) return [];
    const isMet = own.median >= (least ?? 0) && own.median <= (most ?? Number.POSITIVE_INFINITY);
    const bar = least === undefined ? `at most ${most}` : `at least ${least}`;
    const what = figure === 'ratio' ? 'throughput' : 'p50';
    return [`| ${row} | ${what} | ${bar} | ${short(own.median)} | ${isMet ? 'met' : 'missed'} |`];
  });
  return [
    '| row | figure, as a ratio to the limit | target | median | |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

/** Each row's best peer, without the limit, which is not a product. */
function peerTable(rows) {
  const lines = rows.flatMap(({ row, measure, contenders }) => {
    const sign = measure === 'bytes' ? -1 : 1;
    const own = contenders.find(({ name }) => name === 'choragus');
    const [best] = contenders
      .filter(({ name }) => name !== 'limit' && !name.startsWith('choragus'))
      .sort((a, b) => sign * (b.ratio.median - a.ratio.median));
    if (own === undefined || best === undefined) return [];
    const times = (own.ratio.median / best.ratio.median) ** sign;
    return [`| ${row} | ${short(own.ratio.median)} | ${best.name} | ${short(best.ratio.median)} | ${short(times)} |`];
  });
  return [
    'Beside the best other library of each row, as ratios to the limit. For bytes, less is better. If the last column is above 1, Choragus is ahead:',
    '',
    '| row | choragus | best other library | its ratio | ahead by |',
    '| --- | ---: | --- | ---: | ---: |',
    ...lines,
  ].join('\n');
}

const scaleRows = [
  ['create all', 'createMs', 'ms', 'µs'],
  ['memory per CI, not connected', 'idleKiB', 'KiB'],
  ['memory per CI, connected', 'connectedKiB', 'KiB'],
  ['warm all', 'warmMs', 'ms', 'µs'],
  ['snapshot', 'snapshotMs', 'ms', 'µs'],
  ['first snapshot after a request to each', 'snapshotAfterMs', 'ms', 'µs'],
  ['broadcast to all', 'broadcastMs', 'ms', 'µs'],
  ['add, connect and remove one more', 'comeAndGoUs', 'µs'],
  ['close the pool', 'closeMs', 'ms', 'µs'],
];

function scaleOf({ sizes, when, node }) {
  const heads = sizes.map(({ size }) => `${size.toLocaleString('en-US')} CIs`);
  const cell = (one, key, unit, each) => {
    const all = `${short(one[key])} ${unit}`;
    return each === undefined ? all : `${all} (${short((one[key] * 1_000) / one.size)} ${each} each)`;
  };
  return [
    `${when.slice(0, 10)}, Node ${node}; medians; \`node test/bench/scale/run.mjs\`.`,
    '',
    `| | ${heads.join(' | ')} |`,
    `| --- | ${heads.map(() => '---').join(' | ')} |`,
    ...scaleRows.map(([what, ...how]) => `| ${what} | ${sizes.map((one) => cell(one, ...how)).join(' | ')} |`),
  ].join('\n');
}

function troubleOf({ kinds, rounds, seconds }) {
  const cells = ({ client, about, p50us, p99us, p999us, p99Ratio, loopP99Ms, loopMaxMs, failures }) => [
    client === 'limit' ? `written by hand: ${about}` : about,
    `${short(p50us.median / 1_000)} ms`,
    `${short(p99us.median / 1_000)} ms`,
    `${short(p999us.median / 1_000)} ms`,
    `${short(p99Ratio.median)} (${short(p99Ratio.low)} to ${short(p99Ratio.high)})`,
    `${short(loopP99Ms.median)} / ${short(loopMaxMs.median)} ms`,
    failures,
  ];
  return [
    `Medians of ${rounds} rounds of ${seconds} s; \`node test/bench/trouble/run.mjs\`.`,
    '',
    '| beside the healthy CIs | p50 | p99 | p99.9 | p99, ratio to no other CIs | event-loop delay, p99 / longest | failures |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...kinds.map((kind) => `| ${cells(kind).join(' | ')} |`),
  ].join('\n');
}

const watchingModes = {
  off: 'no inspector',
  unwatched: 'an inspector without a watcher',
  watched: 'one watcher',
  paused: 'one watcher that does not read',
};

function watchingOf({ modes, rounds, seconds }) {
  const cells = ({ mode, cores, usPerAsk, points, cpuRatio, attachStallMs, stallMs, grownMiB }) => [
    watchingModes[mode],
    `${short(cores.median * 100)} %`,
    `${short(usPerAsk.median)} µs`,
    `${short(cpuRatio.median)} (${short(cpuRatio.low)} to ${short(cpuRatio.high)})`,
    short(points.median),
    `${short(attachStallMs.median)} ms`,
    `${short(stallMs.median)} ms`,
    `${short(grownMiB.median)} MiB`,
  ];
  return [
    `10,000 requests a second; medians of ${rounds} rounds of ${seconds} s; \`node test/bench/watching/run.mjs\`.`,
    '',
    '| | CPU, of one core | CPU per request | ratio to no inspector | added percentage points | longest stall while a watcher connects | longest stall afterwards | memory growth |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...modes.map((mode) => `| ${cells(mode).join(' | ')} |`),
  ].join('\n');
}

const monitoringModes = {
  off: 'not scraped',
  default: 'series for 200 CIs, the default; the others are summed',
  named: 'series for all 1,000 CIs',
};

function monitoringOf({ modes, rounds, seconds, leastRatio, mostLagMs }) {
  const spread = ({ median, low, high }) => `${short(median)} (${short(low)} to ${short(high)})`;
  const cells = ({ mode, perSecond, ratio, lagP99Ms, lagMaxMs, bytes }) => [
    monitoringModes[mode],
    short(perSecond.median),
    mode === 'off' ? '' : spread(ratio),
    `${spread(lagP99Ms)} ms`,
    `${short(lagMaxMs.median)} ms`,
    bytes.median === 0 ? '' : `${short(bytes.median / 1_000)} kB`,
  ];
  return [
    `Medians of ${rounds} rounds of ${seconds} s, with their extremes; \`node test/bench/monitoring/run.mjs\`. The targets: a ratio of at least ${leastRatio}, and a p99 under ${mostLagMs} ms.`,
    '',
    '| scraped each second | requests/s | ratio to not scraped, same round | delay of the event loop, p99 | longest delay | text |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...modes.map((mode) => `| ${cells(mode).join(' | ')} |`),
  ].join('\n');
}

function watchingBudgetOf({ budget, rounds, seconds }) {
  const lines = budget.map(({ what, unit, most, median, low, high }) => {
    const bar = most === undefined ? '' : `at most ${most.toLocaleString('en-US')} ${unit}`.trim();
    const figure = `${short(median)} ${unit}`.trim();
    const state = most === undefined ? '' : median <= most ? 'met' : 'missed';
    return `| ${what} | ${bar} | ${figure} (${short(low)} to ${short(high)}) | ${state} |`;
  });
  return [
    `Medians of ${rounds} rounds of ${seconds} s, with their extremes; \`node test/bench/watching/run.mjs\`.`,
    '',
    '| | target | median | |',
    '| --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

function budgetOf({ rows }) {
  const us = (one, name) => `${short(one.parts[name] ?? 0)}`;
  return [
    `Measured by V8's CPU profiler, in µs per request; \`node test/bench/budget/run.mjs\`.`,
    '',
    `| part | ${rows.map(({ row }) => row).join(' | ')} | why it is needed |`,
    `| --- | ${rows.map(() => '---:').join(' | ')} | --- |`,
    ...parts.map(({ name, why }) => `| ${name} | ${rows.map((one) => us(one, name)).join(' | ')} | ${why} |`),
  ].join('\n');
}

function short(value) {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function proxyOf({ rows, rounds, seconds, clients }) {
  const lines = rows.map(({ connectMs, directMs, throughMs, ratio }) => {
    const times = `${short(ratio.median)} (${short(ratio.low)} to ${short(ratio.high)})`;
    return `| ${connectMs} ms | ${short(directMs)} ms | ${short(throughMs)} ms | ${times} |`;
  });
  return [
    '| cost of a connection to the CI | direct, p50 | through the proxy, p50 | times as fast |',
    '| ---: | ---: | ---: | ---: |',
    ...lines,
    '',
    `Medians of ${rounds} rounds of ${seconds} s, ${clients} clients at a time; \`node test/bench/proxy/run.mjs\`.`,
  ].join('\n');
}
