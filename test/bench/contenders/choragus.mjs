import { devNull } from 'node:os';
import { pino } from 'pino';
import { createPool } from '../../../dist/src/index.js';
import { rates } from '../workloads.mjs';

// One logger for the process, as in a service.
const logger = pino({ name: 'choragus', level: 'info' }, pino.destination(devNull));

export const rows = Object.keys(rates);

/** The public API as built into dist/, with all default features on. */
export const contender = {
  name: 'choragus',
  package: 'choragus',
  server: 'ndjson',
  rows,
  note:
    'createPool with its defaults: deadlines, health, states, metrics and a pino log at info are on. In `cold` one pool ' +
    'serves all: a CI is added, asked and removed for each request',
  open: (target) => openPool(target),
  serve,
};

/** A pool, with everything the rows do with it. */
export async function openPool(target, options = {}) {
  const { host, connections, cis, scheme = 'tcp' } = target;
  const url = `${scheme}://${host}:${portOf(target)}`;
  const pool = createPool({
    cis: Object.fromEntries(Array.from({ length: cis ?? 1 }, (_, index) => [`ci-${index}`, url])),
    maxConnections: connections,
    logger,
    ...options,
  });
  if (cis !== undefined) await warm(pool);
  return clientOf(pool);
}

/** Returns the server's port for a row: with ids or without, with work or without. */
function portOf({ port, fifoPort, workPort, workFifoPort, correlation, work }) {
  if (correlation === 'ordered') return work ? workFifoPort : fifoPort;
  return work ? workPort : port;
}

/** Opens a pool for the rows that compare orderings. Closing it rejects if the pool did not order its answers as expected. */
export async function openOrdered(target, expected, options) {
  const client = await openPool(target, options);
  return {
    ...client,
    async close() {
      const { ordering } = client.status();
      await client.close();
      if (ordering !== expected) throw new Error(`the ordering is ${ordering}, and not ${expected}`);
    },
  };
}

/** The pool of a service, in which each `open` adds a new CI. */
function serve({ host, port }) {
  const pool = createPool({ logger });
  let opened = 0;
  return {
    open() {
      opened += 1;
      const ci = `ci-${opened}`;
      pool.add(ci, `tcp://${host}:${port}`);
      return {
        request(content, done) {
          pool.ask(ci, content).subscribe({ next: (reply) => done(null, reply.content), error: done });
        },
        close: () => pool.remove(ci),
      };
    },
    close: () => pool.close(),
  };
}

async function warm(pool) {
  await pool.warm();
  const { connections } = pool.snapshot().totals;
  if (connections !== pool.cis.length) throw new Error(`${connections} of ${pool.cis.length} CIs are connected`);
}

function clientOf(pool) {
  return {
    status: () => pool.snapshot().cis['ci-0'],
    request(content, done) {
      pool.ask('ci-0', content).subscribe({ next: (reply) => done(null, reply.content), error: done });
    },
    stream(content, count, size, onChunk, done) {
      pool.stream('ci-0', { content, count, size }).subscribe({
        next: (chunk) => onChunk(chunk.content),
        error: done,
        complete: () => done(null),
      });
    },
    broadcast(content, onAnswer, done) {
      pool.broadcast(content).subscribe({
        next: (outcome) => onAnswer(outcome.ok ? outcome.reply.content : outcome.error),
        error: done,
        complete: () => done(null),
      });
    },
    close: () => pool.close(),
  };
}
