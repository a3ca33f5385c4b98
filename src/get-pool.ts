import { readEnvironment } from './config/index.js';
import type { Pool } from './contract/index.js';
import { createPool } from './create-pool.js';
import { inspectByEnvironment } from './inspect-by-environment.js';

let current: Pool | undefined;

/**
 * Returns the pool that the whole process shares. The first call makes it from the environment; a call after `close()`
 * makes a new one.
 *
 * @throws ChoragusError `invalid_config` if a variable of the environment is bad; the next call tries again.
 *
 * @example
 * ```ts
 * getPool().ask('apollo', 'What patterns do you see?').subscribe(({ content }) => console.log(content));
 * ```
 */
export function getPool(): Pool {
  if (current !== undefined && current.state !== 'closed') return current;
  const pool = createPool(readEnvironment(process.env));
  inspectByEnvironment(pool, process.env.CHORAGUS_INSPECT);
  current = pool;
  return pool;
}
