import type { PoolOptions } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { ciAddresses } from './ci-addresses.js';
import { type Environment, readSeconds } from './setting.js';

const durations = {
  connectTimeoutMs: 'TEKTON_POOL_CONNECTION_TIMEOUT',
  requestTimeoutMs: 'TEKTON_POOL_REQUEST_TIMEOUT',
  healthIntervalMs: 'TEKTON_POOL_HEALTH_INTERVAL',
  reconnectDelayMs: 'TEKTON_POOL_RECONNECT_DELAY',
} as const;

/**
 * Reads the variables of the original platform as options of `createPool`: its 18 CIs, and those times that are set.
 * What is unset, empty or blank keeps its default.
 *
 * @param env - The variables, such as `process.env`. Only read, and only now.
 * @throws ChoragusError `invalid_config` that names every bad variable, its value and what it takes.
 *
 * @example
 * ```ts
 * const pool = createPool({ ...readEnvironment(process.env), maxConnections: 2 });
 * ```
 */
export function readEnvironment(env: Environment): PoolOptions {
  const problems: string[] = [];
  const complain = (problem: string): void => {
    problems.push(problem);
  };
  const cis = ciAddresses(env, complain);
  const limits: Partial<Record<keyof typeof durations, number>> = {};
  for (const [option, variable] of Object.entries(durations) as [keyof typeof durations, string][]) {
    const ms = readSeconds(env, variable, complain);
    if (ms !== undefined) limits[option] = ms;
  }
  if (problems.length > 0) throw badEnvironment(problems);
  return { cis, ...limits };
}

function badEnvironment(problems: readonly string[]): ChoragusError {
  return new ChoragusError('invalid_config', `in the environment: ${problems.join('; ')}`, { delivery: 'not_sent' });
}
