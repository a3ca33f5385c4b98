import { median, spreadOf } from './spread.mjs';
import { workloads } from './workloads.mjs';

const details = ['cpuUsPerOperation', 'p50us', 'p99us', 'p999us', 'heapBytes'];

/**
 * Returns medians and spreads of all samples, a row each. A ratio compares with the sample of `base` in the same row and round, so that
 * the state of the machine in that minute affects both.
 */
export function summarise(samples, contenders, base = 'limit') {
  return Object.entries(workloads).flatMap(([row, workload]) => {
    const ofRow = samples.filter((sample) => sample.row === row);
    if (ofRow.length === 0) return [];
    const { unit, measure, about, cis, part } = workload;
    const summed = contenders.flatMap((contender) => summariseOne(contender, ofRow, workload, base));
    const extras = { ...(part && { part, parts: cis }), ...(base !== 'limit' && { base }) };
    return [{ row, about, unit, measure, ...extras, contenders: summed }];
  });
}

function summariseOne({ name, version, note }, ofRow, { measure }, base) {
  const own = ofRow.filter((sample) => sample.contender === name);
  if (own.length === 0) return [];
  const server = own[0].server;
  return [
    {
      name,
      ...(version && { version: server ? `${version}, ${server}` : version }),
      [measure]: rounded(spreadOf(own.map((sample) => sample[measure]))),
      ratio: rounded(spreadOf(own.map((sample) => ratioOf(sample, ofRow, measure, base)))),
      ...detailsOf(own),
      p50Ratio:
        rounded(spreadOf(own.map((sample) => ratioOf(sample, ofRow, 'p50us', base)).filter(Number.isFinite))) ??
        undefined,
      ...(note && { note }),
    },
  ];
}

function ratioOf(sample, ofRow, measure, base) {
  const neighbour = ofRow.find(({ contender, round }) => contender === base && round === sample.round);
  return neighbour === undefined ? Number.NaN : sample[measure] / neighbour[measure];
}

function detailsOf(own) {
  const medians = details.map((key) => [key, median(own.map((sample) => sample[key] ?? Number.NaN))]);
  return Object.fromEntries(medians.filter(([, value]) => value !== null).map(([key, value]) => [key, short(value)]));
}

function rounded(spread) {
  return spread && Object.fromEntries(Object.entries(spread).map(([key, value]) => [key, short(value)]));
}

/** Four digits are more than a benchmark knows. */
function short(value) {
  return Number(value.toPrecision(4));
}
