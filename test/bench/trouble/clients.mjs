import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool } from '../../../dist/src/index.js';
import { LimitClient } from '../limit/limit-client.mjs';
import { BACKOFF_MS, DEADLINE_MS, kinds, TROUBLED } from './kinds.mjs';

const HEALTHY = 8;
const host = '127.0.0.1';

/** The client under measurement: opens the healthy CIs, starts the trouble, and returns a function that asks the next healthy CI. */
export const clients = { pool: openPool, limit: openLimit };

async function openPool({ kind, port, troublePort }) {
  const healthy = Array.from({ length: HEALTHY }, (_, index) => `healthy-${index}`);
  const troubled = kind === 'quiet' ? [] : Array.from({ length: TROUBLED }, (_, index) => `troubled-${index}`);
  const pool = createPool({
    cis: Object.fromEntries([
      ...healthy.map((ci) => [ci, `tcp://${host}:${port}`]),
      ...troubled.map((ci) => [ci, `tcp://${host}:${troublePort}`]),
    ]),
    reconnectDelayMs: BACKOFF_MS / 2,
    maxReconnectDelayMs: BACKOFF_MS,
    maxReplyBytes: 17 * 2 ** 20,
    logger: false,
  });
  await pool.warm(healthy);
  kinds[kind].start(pool, troubled, `tcp://${host}:${troublePort}`);
  return (turn, done) => pool.ask(healthy[turn % HEALTHY], 'hello').subscribe({ next: () => done(null), error: done });
}

/** The same by hand, if the trouble is sockets that come and go: as many, as often, without any state for them. */
async function openLimit({ kind, port, troublePort }) {
  const healthy = await Promise.all(Array.from({ length: HEALTHY }, () => LimitClient.open({ host, port })));
  if (kind !== 'quiet') for (let i = 0; i < TROUBLED; i += 1) void comeAndGo(kind, troublePort);
  return (turn, done) => healthy[turn % HEALTHY].request('hello', done);
}

async function comeAndGo(kind, port) {
  for (;;) {
    const socket = net.connect({ host, port, noDelay: true });
    socket.on('error', () => {});
    socket.on('connect', () => socket.write('{"type":"chat","content":"hello","request_id":"1"}\n'));
    socket.resume();
    if (kind === 'hang') {
      await sleep(DEADLINE_MS);
      socket.destroy();
    } else {
      await new Promise((resolve) => socket.once('close', resolve));
      await sleep(Math.random() * BACKOFF_MS);
    }
  }
}
