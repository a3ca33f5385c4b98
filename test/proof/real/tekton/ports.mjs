import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Below the ports that systems assign to clients: without a listener, no client gets one by chance. */
const [FIRST, LAST] = [20_000, 31_000];
const taken = new Set();

/** Returns ports of the loopback address without a listener, each different from all before. */
export async function choosePorts(count) {
  const ports = [];
  while (ports.length < count) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (taken.has(port) || !(await isFree(port))) continue;
    taken.add(port);
    ports.push(port);
  }
  return ports;
}

async function isFree(port) {
  const server = createServer().listen(port, '127.0.0.1');
  return once(server, 'listening').then(
    async () => {
      server.close();
      await once(server, 'close');
      return true;
    },
    () => false,
  );
}

/** Whether a connect succeeds. */
export async function accepts(port) {
  const socket = connect(port, '127.0.0.1');
  const isUp = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isUp;
}

/** Waits until a port accepts connections, or refuses them; fails after `limitMs`. Returns how long that took, in ms. */
export async function untilAccepts(port, expected, limitMs) {
  const began = performance.now();
  while ((await accepts(port)) !== expected && performance.now() - began < limitMs) await sleep(5);
  return Math.round(performance.now() - began);
}
