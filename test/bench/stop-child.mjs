import { once } from 'node:events';

const PATIENCE_MS = 2_000;

/** Ends a child by ending its input, or by force when it does not go; settles when it is gone. */
export async function stopChild(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.stdin.end();
  const force = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await gone;
  clearTimeout(force);
}
