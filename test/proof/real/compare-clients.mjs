import { median } from '../../bench/spread.mjs';

const WARM_UP = 30;

/**
 * Measures clients in rounds whose order alternates: A B C, then C B A. All of it is one load at a time.
 *
 * @param clients each with a `name`, `ask`, which settles with an answer, and perhaps `sent`, the number of HTTP requests so far.
 * @returns for each client the medians over the rounds, `p50Ms` and `perSecond`; the number of failed requests, and of
 * repeated ones; and the first client's p50 and rate divided by its own, each within a round: `p50Ratio`, `rateRatio`.
 */
export async function compareClients(clients, { rounds, requests, concurrency }) {
  const samples = new Map(clients.map(({ name }) => [name, []]));
  for (const client of clients) await load(client, WARM_UP, concurrency);
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? clients : clients.toReversed();
    for (const client of order) samples.get(client.name).push(await load(client, requests, concurrency));
  }
  const first = samples.get(clients[0].name);
  return clients.map(({ name }) => summarise(name, samples.get(name), first));
}

function summarise(name, own, first) {
  const ratio = (measure) => round(median(own.map((sample, index) => first[index][measure] / sample[measure])), 3);
  return {
    name,
    p50Ms: round(median(own.map(({ p50Ms }) => p50Ms)), 3),
    perSecond: round(median(own.map(({ perSecond }) => perSecond)), 1),
    failed: total(own, 'failed'),
    retries: total(own, 'retries'),
    requests: total(own, 'count'),
    p50Ratio: ratio('p50Ms'),
    rateRatio: ratio('perSecond'),
  };
}

/** Asks `count` times, `concurrency` at once. A failed request is counted, and not timed. */
async function load({ ask, sent }, count, concurrency) {
  const times = [];
  let left = count;
  let failed = 0;
  const sentBefore = sent?.() ?? 0;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const began = performance.now();
      await ask().then(
        () => times.push(performance.now() - began),
        () => {
          failed += 1;
        },
      );
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: concurrency }, work));
  const seconds = (performance.now() - began) / 1_000;
  const retries = sent === undefined ? 0 : sent() - sentBefore - count;
  return { count, failed, retries, p50Ms: median(times) ?? Number.NaN, perSecond: times.length / seconds };
}

function total(samples, measure) {
  return samples.reduce((sum, sample) => sum + sample[measure], 0);
}

function round(value, digits) {
  return value === null ? null : Number(value.toFixed(digits));
}
