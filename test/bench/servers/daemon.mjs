import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from './listen.mjs';

const READY_TRIES = 250;
const READY_INTERVAL_MS = 20;

/**
 * Starts a server that is no Node program on a free port, and waits until it accepts connections. It ends with this
 * process. Returns `{ port, version }`, or `{ absent }` if it is not installed.
 */
export async function startDaemon(command, argumentsFor) {
  const version = versionOf(command);
  if (version === undefined) return { absent: `${command} (a package of Debian's)` };
  const port = await freePort();
  const daemon = spawn(command, argumentsFor(port), { stdio: 'ignore' });
  process.once('exit', () => daemon.kill('SIGKILL'));
  process.once('SIGTERM', () => process.exit());
  daemon.once('exit', () => process.exit(1));
  for (let tries = 0; tries < READY_TRIES; tries += 1) {
    if (await takesConnections(port)) return { port, version: `${command} ${version}` };
    await sleep(READY_INTERVAL_MS);
  }
  throw new Error(`${command} does not take connections`);
}

function versionOf(command) {
  try {
    return /\d+\.\d+\.\d+/.exec(execFileSync(command, ['--version'], { encoding: 'utf8' }))?.[0];
  } catch {
    return undefined;
  }
}

async function freePort() {
  const server = net.createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

function takesConnections(port) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
