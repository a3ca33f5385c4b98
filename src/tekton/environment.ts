import { check, copied } from '../checks/index.js';
import type { PoolOptions } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';
import { invalidConfig } from '../errors/index.js';
import { ciAddresses } from './ci-addresses.js';
import { type Environment, readSeconds } from './setting.js';

const durations = {
  connectTimeoutMs: 'TEKTON_POOL_CONNECTION_TIMEOUT',
  requestTimeoutMs: 'TEKTON_POOL_REQUEST_TIMEOUT',
  healthIntervalMs: 'TEKTON_POOL_HEALTH_INTERVAL',
  reconnectDelayMs: 'TEKTON_POOL_RECONNECT_DELAY',
} as const;

const environment = copied('an object of variables, for example process.env');

/**
 * Reads the environment variables of the original platform, and returns options of `createPool`: its 18 CIs, and the
 * timeouts that are set. A variable that is unset, empty or blank keeps its default.
 *
 * @param env - The variables, for example `process.env`. They are read only during the call.
 * @throws ChoragusError `invalid_config` that names every bad variable, its value and what is accepted; also if `env`
 *   is not an object.
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
  const variables = variablesOf(env);
  const cis = ciAddresses(variables, complain);
  const limits: Partial<Record<keyof typeof durations, number>> = {};
  for (const [option, variable] of Object.entries(durations) as [keyof typeof durations, string][]) {
    const ms = readSeconds(variables, variable, complain);
    if (ms !== undefined) limits[option] = ms;
  }
  if (problems.length > 0) throw badEnvironment(problems);
  return { cis, ...limits };
}

/** Copies the variables. `process.env` is not a plain object, and needs no check. */
function variablesOf(env: Environment): Environment {
  if (env === process.env) return { ...env };
  return check(environment, env, { of: 'readEnvironment', argument: 'env' }) as Environment;
}

function badEnvironment(problems: readonly string[]): ChoragusError {
  return invalidConfig(`in the environment: ${problems.join('; ')}`);
}
