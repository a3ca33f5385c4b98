/**
 * Eighty clients at once, with a CI that takes 2 s for an answer, and answers one at a time on each connection: directly, and through the
 * proxy, in real time. Half a minute after the last answer, a few connections are left.
 *
 *   node test/proof/real/many-clients.mjs            # about 40 s; needs a build (npm run build)
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CheckList } from './check-list.mjs';
import { createPool, serveProxy } from './library.mjs';

const CLIENTS = 80;
const SERVICE_MS = 2_000;
const MAX_CONNECTIONS = 64;
const KEPT_CONNECTIONS = 4;
/** When idle connections are closed, and how much later that is checked, in ms. */
const IDLE_MS = 30_000;
const SLACK_MS = 3_000;
/** The limit for the median client through the proxy, relative to direct. */
const RATIO_BAR = 1.2;

/** A CI without ids: the lines of a connection one after the other, its connections side by side. */
async function startCi() {
  const ci = { open: 0, mostOpen: 0, port: 0, close: () => server.close() };
  const answer = async (socket, line) => {
    const { type, content } = JSON.parse(line);
    if (type === 'chat') await sleep(SERVICE_MS);
    if (!socket.writable) return;
    const reply =
      type === 'chat' ? { type: 'chat_response', content } : { type: type === 'ping' ? 'pong' : `${type}_response` };
    socket.write(`${JSON.stringify(reply)}\n`);
  };
  const server = net.createServer({ noDelay: true }, (socket) => {
    ci.open += 1;
    ci.mostOpen = Math.max(ci.mostOpen, ci.open);
    let rest = '';
    let turn = Promise.resolve();
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      ci.open -= 1;
    });
    socket.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) turn = turn.then(() => answer(socket, line));
    });
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 512 });
  await once(server, 'listening');
  ci.port = server.address().port;
  return ci;
}

/** A typical client: connects, asks, reads a line, closes. Returns the ms until its answer; undefined without one. */
async function ask(port, index) {
  const beganMs = performance.now();
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.setEncoding('utf8');
  socket.write(`{"type": "chat", "content": "${index}"}\n`);
  const [text] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [])]).catch(() => []);
  socket.destroy();
  if (text === undefined || JSON.parse(text).content !== `${index}`) return undefined;
  return performance.now() - beganMs;
}

/** Runs all of them at once. Returns the times of the answers, shortest first. */
async function askAll(port) {
  const times = await Promise.all(Array.from({ length: CLIENTS }, (_, index) => ask(port, index)));
  return times.filter((ms) => ms !== undefined).sort((a, b) => a - b);
}

const seconds = (ms) => `${(ms / 1_000).toFixed(2)} s`;
const medianOf = (times) => times[Math.floor(times.length / 2)];
const told = (times) => `${times.length} answered, median ${seconds(medianOf(times))}, last ${seconds(times.at(-1))}`;

const list = new CheckList();
const ci = await startCi();
const pool = createPool({ cis: { apollo: `tcp://127.0.0.1:${ci.port}` }, logger: false });
const proxy = await serveProxy(pool, { listen: { apollo: 0 } });
const proxyPort = Number(new URL(proxy.urls.apollo).port);
let direct = [];

await list.check(`directly: ${CLIENTS} of ${CLIENTS}`, async () => {
  direct = await askAll(ci.port);
  assert.equal(direct.length, CLIENTS);
  // Their connections are over before those of the proxy are counted.
  while (ci.open > pool.snapshot().totals.connections) await sleep(10);
  ci.mostOpen = ci.open;
  return told(direct);
});
await list.check(
  `through the proxy: ${CLIENTS} of ${CLIENTS}, the median no more than ${RATIO_BAR} times as long`,
  async () => {
    const times = await askAll(proxyPort);
    assert.equal(times.length, CLIENTS, `${times.length} answered`);
    const ratio = medianOf(times) / medianOf(direct);
    assert.ok(ratio <= RATIO_BAR, `${ratio.toFixed(2)} times as long: ${told(times)}`);
    return `${told(times)}: ${ratio.toFixed(2)} times as long`;
  },
);
await list.check(`at least ${MAX_CONNECTIONS} connections to the CI at once`, async () => {
  assert.ok(ci.mostOpen >= MAX_CONNECTIONS, `${ci.mostOpen} at once`);
  return `${ci.mostOpen} at once`;
});
await list.check(`${(IDLE_MS + SLACK_MS) / 1_000} s later, no more than ${KEPT_CONNECTIONS}`, async () => {
  const atOnce = ci.open;
  await sleep(IDLE_MS + SLACK_MS);
  assert.ok(ci.open <= KEPT_CONNECTIONS, `${ci.open} of ${atOnce} are left`);
  return `${ci.open} of ${atOnce} are left`;
});
await list.check('and a client is served', async () => `in ${seconds(await ask(proxyPort, 0))}`);

await proxy.close();
await pool.close();
ci.close();
list.finish();
