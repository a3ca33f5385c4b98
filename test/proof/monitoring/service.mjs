// A service with a pool and a port for scrapes, in a process of its own: `node service.mjs '{ "cis": …, "pool": … }'`.
// Its parent controls it by messages.
import { createServer } from 'node:http';
import { createPool } from '../../../dist/src/index.js';
import { prometheusHandler } from '../../../dist/src/prometheus/index.js';

const { cis, pool: poolOptions, maxCis } = JSON.parse(process.argv[2]);
const pool = createPool({ cis, logger: false, ...poolOptions });
const names = Object.keys(cis);

/** Settles when the request has ended, in whatever way. */
const ended = (request) => new Promise((resolve) => request.subscribe({ error: resolve, complete: resolve }));
let loadTimer;

const orders = {
  /** Asks each of these CIs so many times, one request after the other; every fourth is a stream. */
  async ask({ to = names, times }) {
    await Promise.all(
      to.map(async (ci) => {
        for (let i = 0; i < times; i += 1) await ended(i % 4 === 3 ? pool.stream(ci, 'hello') : pool.ask(ci, 'hello'));
      }),
    );
  },
  /** Asks all CIs in turn, so many times a second; 0 ends it. */
  load({ perSecond }) {
    clearInterval(loadTimer);
    let next = 0;
    if (perSecond === 0) return;
    loadTimer = setInterval(() => {
      pool.ask(names[next % names.length], 'hello').subscribe({ error: () => {} });
      next += 1;
    }, 1_000 / perSecond);
  },
  cancel({ ci, times }) {
    for (let i = 0; i < times; i += 1) pool.ask(ci, 'hello').subscribe().unsubscribe();
  },
  snapshot: () => pool.snapshot(),
};

process.on('message', async ({ id, order, ...rest }) => {
  try {
    process.send({ id, answer: await orders[order](rest) });
  } catch (error) {
    process.send({ id, error: String(error) });
  }
});
process.on('disconnect', () => process.exit(0));

await pool.warm();
const server = createServer(prometheusHandler(pool, { maxCis })).listen(0, '127.0.0.1', () => {
  process.send({ port: server.address().port });
});
