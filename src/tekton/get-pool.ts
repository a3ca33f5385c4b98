import type { Pool } from '../contract/index.js';
import { createPool } from '../create-pool.js';
import { invalidConfig } from '../errors/index.js';
import { readEnvironment } from './environment.js';
import { type Environment, readPort } from './setting.js';

let current: Pool | undefined;

/**
 * Returns the pool that the whole process shares. The first call creates it from the environment. The first call after it was closed
 * creates a new one. If `CHORAGUS_INSPECT` names a port, starts the inspector on that port.
 *
 * @throws ChoragusError `invalid_config` for a bad environment variable. The next call reads the environment again.
 *
 * @example
 * ```ts
 * getPool().ask('apollo', 'What patterns do you see?').subscribe(({ content }) => console.log(content));
 * ```
 */
export function getPool(): Pool {
  if (current !== undefined && current.state !== 'closed') return current;
  const pool = createPool(readEnvironment(process.env));
  startInspector(pool, process.env);
  current = pool;
  return pool;
}

/** Starts the inspector if `CHORAGUS_INSPECT` names a port, and writes its URL to stderr. If the port is taken, reports it and continues. */
function startInspector(pool: Pool, env: Environment): void {
  const refuse = (problem: string): never => {
    throw invalidConfig(`in the environment: ${problem}`);
  };
  const port = readPort(env, 'CHORAGUS_INSPECT', refuse, 0);
  if (port === undefined) return;
  // Loaded only here: a service without the inspector does not pay for it.
  void import('../inspector/index.js')
    .then((inspector) => inspector.startInspector(pool, { port }))
    .then(
      ({ url }) => process.stderr.write(`Choragus inspector: ${url}\n`),
      (error: Error) => process.stderr.write(`Choragus inspector: not started: ${error.message}\n`),
    );
}
