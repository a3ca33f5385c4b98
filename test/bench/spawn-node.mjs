import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Starts a program of this folder as a child, on core `core` if given. Its standard input is a pipe without
 * data: the child ends when the pipe closes, so none is left when this process ends.
 */
export function spawnNode(script, { args = [], flags = [], core } = {}) {
  const node = [process.execPath, ...flags, fileURLToPath(new URL(script, import.meta.url)), ...args];
  // taskset becomes the program that it starts: the child's pid is Node's.
  const [command, ...rest] = core === undefined ? node : ['taskset', '-c', String(core), ...node];
  return spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Whether a process can be bound to this core here. */
export function canPin(core) {
  return spawnSync('taskset', ['-c', String(core), process.execPath, '--version'], { stdio: 'ignore' }).status === 0;
}
