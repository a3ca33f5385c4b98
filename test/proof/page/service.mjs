// A service with its own CIs, a pool and an inspector. Its parent controls it by messages: see `service.ts`.
import { createPool, serveCi } from '../../../dist/src/index.js';
import { recordTo, startInspector } from '../../../dist/src/inspector/index.js';
import { watchableOf } from '../../../dist/src/observe/watchable.js';

const {
  cis = 10,
  failing = [],
  asksPerSecond = 0,
  inspector: options = {},
  pool: poolOptions = {},
} = JSON.parse(process.argv[2] ?? '{}');
/** Asks are sent in groups, because a timer cannot run more often than once a millisecond. */
const ASK_EVERY_MS = 20;

/** How the CIs that fail do so. */
const handlers = {
  healthy: ({ content }) => content,
  hung: () => new Promise(() => {}),
  erring: () => {
    throw new Error('out of memory');
  },
};

const serve = (handler, port = 0) => serveCi({ id: 'apollo', listen: { port }, handler });
let healthy = await serve(handlers.healthy);
const urls = Object.fromEntries(Array.from({ length: cis }, (_, index) => [`ci-${index}`, healthy.url]));
for (const how of failing) {
  const ci = await serve(handlers[how] ?? handlers.healthy);
  urls[how] = ci.url;
  if (how === 'down') await ci.close();
}

const pool = createPool({
  cis: urls,
  logger: false,
  reconnectDelayMs: 500,
  maxReconnectDelayMs: 1_000,
  maxDials: 1_000,
  ...poolOptions,
});
const inspector = await startInspector(pool, options);
// Keeps all connected, so that they dial again after a cut without being asked.
await pool.warm();

let asks;
setLoad(asksPerSecond);
let churn;
let recorder;

/** What the parent can order. Each returns its answer. */
const orders = {
  load: ({ asksPerSecond: speed }) => setLoad(speed),
  /** Cuts all links to the healthy CIs, and refuses new ones. */
  cut: () => healthy.close(),
  /** Accepts links again, on the same port. */
  mend: async () => {
    healthy = await serve(handlers.healthy, Number(new URL(healthy.url).port));
  },
  /** Blocks the event loop. */
  block: ({ ms }) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
  churn: ({ linksPerSecond }) => setChurn(linksPerSecond),
  counts: () => countsOf(),
  add: ({ ci }) => void pool.add(ci, healthy.url),
  remove: ({ ci }) => void pool.remove(ci),
  record: ({ path }) => {
    recorder = recordTo(pool, path);
  },
  endRecord: () => recorder?.close(),
};

process.on('message', async ({ id, order, ...rest }) => {
  try {
    process.send({ id, answer: await orders[order](rest) });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});
process.on('disconnect', () => process.exit());
process.send({ url: inspector.url });

/** Asks all CIs in turn. Their failures are what the page shows. */
function setLoad(perSecond) {
  clearInterval(asks);
  if (perSecond === 0) return;
  const names = Object.keys(urls);
  let next = 0;
  let owed = 0;
  asks = setInterval(() => {
    for (owed += (perSecond * ASK_EVERY_MS) / 1_000; owed >= 1; owed -= 1) {
      pool.ask(names[next % names.length], 'hello').subscribe({ error: () => {} });
      next += 1;
    }
  }, ASK_EVERY_MS);
}

/** Reconnects one link after another. Each causes several changes of state. */
function setChurn(linksPerSecond) {
  clearInterval(churn);
  if (linksPerSecond === 0) return;
  const watchable = watchableOf(pool);
  const names = watchable.cis;
  let next = 0;
  let owed = 0;
  churn = setInterval(() => {
    for (owed += (linksPerSecond * ASK_EVERY_MS) / 1_000; owed >= 1; owed -= 1) {
      const [link] = watchable.status(names[next % names.length]).connections;
      if (link?.state === 'healthy') watchable.intervene({ do: 'reconnect', connection: link.connection });
      next += 1;
    }
  }, ASK_EVERY_MS);
}

/** Number of connections in each state. */
function countsOf() {
  const counts = {};
  for (const { connections } of Object.values(pool.snapshot().cis)) {
    for (const { state } of connections) counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}
