/** Starts programs by others as separate processes, and ends them by their pid. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 3_000;

const logs = mkdtempSync(join(tmpdir(), 'choragus-real-'));
const running = new Set();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(logs, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

/** Kills a child, by its pid, when this process exits first. */
export function killAtExit(child) {
  running.add(child);
  child.once('exit', () => running.delete(child));
}

/**
 * Starts a program and waits until it is up: until `isUp` resolves to true, by default until `GET healthUrl` answers 200.
 *
 * @returns its pid, its log so far, and `kill` and `stop`, which settle when it has ended.
 */
export async function startPeer({ name, command, args, env = {}, cwd, healthUrl, isUp = () => isHealthy(healthUrl) }) {
  const logFile = join(logs, `${name}-${Date.now()}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { cwd, stdio: ['ignore', log, log], env: { ...process.env, ...env } });
  closeSync(log);
  running.add(child);
  const gone = once(child, 'exit').finally(() => running.delete(child));
  const readLog = () => readFileSync(logFile, 'utf8');
  const kill = async (signal) => {
    if (running.has(child)) child.kill(signal);
    await gone;
  };
  const stop = async () => {
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await kill('SIGTERM').finally(() => clearTimeout(force));
  };
  // A program that cannot be started emits `error`, and `once` rejects: the loop below reports it.
  const ended = gone.then(
    ([code, signal]) => `it ended with ${signal ?? `code ${code}`}`,
    (error) => error.message,
  );
  await untilUp(name, isUp, ended, readLog);
  return { name, pid: child.pid, readLog, kill, stop };
}

async function untilUp(name, isUp, ended, readLog) {
  let death;
  ended.then((how) => {
    death = how;
  });
  const endMs = performance.now() + START_LIMIT_MS;
  while (!(await isUp())) {
    if (death === undefined && performance.now() < endMs) await sleep(50);
    else throw new Error(`${name} did not start: ${death ?? 'it is not up in time'}\n${readLog().slice(-2_000)}`);
  }
}

async function isHealthy(url) {
  return fetch(url, { headers: { connection: 'close' } }).then(
    async (response) => (await response.text()) !== undefined && response.ok,
    () => false,
  );
}

/** Returns a port of the loopback address without a listener. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
