import { once } from 'node:events';

const PATIENCE_MS = 2_000;

/** Ends a child by closing its input, or by force if it does not end; settles when it has ended. */
export async function stopChild(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.stdin.end();
  const force = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await gone;
  clearTimeout(force);
}
