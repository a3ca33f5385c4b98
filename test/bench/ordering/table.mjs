import { orderings } from '../workloads.mjs';

/** The share of the throughput of `trusted` that `proved` must reach, with and without work in the peer. */
const LEAST = 0.75;
const LEAST_WITH_WORK = 0.97;

/** For each row the three orderings, the ratio of `proved` to `trusted` in the same rounds, and its bar. */
export function compareOrderings(rows) {
  return rows.map(({ row, contenders }) => {
    const [byId, proved, trusted] = ['by-id', 'proved', 'trusted'].map((ordering) =>
      contenders.find(({ name }) => name === `choragus-${ordering}`),
    );
    const least = orderings[row].work ? LEAST_WITH_WORK : LEAST;
    const { ratio, p50Ratio } = proved ?? {};
    return { row, byId, proved, trusted, ratio, p50Ratio, least, isMet: ratio?.median >= least };
  });
}

/** The comparison as a Markdown table. */
export function orderingTable(rows) {
  const lines = compareOrderings(rows).map(({ row, byId, proved, trusted, ratio, p50Ratio, least, isMet }) => {
    const rates = [byId, proved, trusted].map((one) =>
      one ? Math.round(one.perSecond.median).toLocaleString('en-US') : '',
    );
    const p50s = [proved, trusted].map((one) => one?.p50us ?? '');
    const cpus = [proved, trusted].map((one) => one?.cpuUsPerOperation ?? '');
    const cells = [row, ...rates, spreadText(ratio), least, isMet ? 'met' : 'missed', p50s.join(' / ')];
    return `| ${[...cells, spreadText(p50Ratio), cpus.join(' / ')].join(' | ')} |`;
  });
  return [
    '| row | byId, requests/s | proved, requests/s | trusted, requests/s | proved : trusted | target | | p50 µs, proved / trusted | p50, proved : trusted | CPU µs/request, proved / trusted |',
    '| --- | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: |',
    ...lines,
  ].join('\n');
}

function spreadText(spread) {
  if (!spread) return '';
  return `${spread.median.toFixed(2)} (${spread.low.toFixed(2)} to ${spread.high.toFixed(2)})`;
}
