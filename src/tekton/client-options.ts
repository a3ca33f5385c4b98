import type { Pool, PoolOptions } from '../contract/index.js';
import { wrongArgument } from '../errors/index.js';
import { readOptions } from './read-options.js';
import type { TektonClientOptions } from './tekton-client.js';

const OF = 'createTektonClient';
const names = ['pool', 'direct', 'directOptions', 'now'] as const;
const methods = ['ask', 'request', 'stream', 'broadcast', 'add', 'remove', 'snapshot'];

/**
 * Checks the options of a client, and wraps its functions so that their results are checked, too.
 *
 * @throws ChoragusError `invalid_config`
 * @internal
 */
export function readClientOptions(options: TektonClientOptions): TektonClientOptions {
  const read = readOptions(OF, options, names);
  for (const name of names) {
    const value = read[name];
    if (typeof value === 'function' || (value === undefined && name !== 'pool')) continue;
    throw wrongArgument(OF, name, value, name === 'pool' ? 'a function that returns a pool' : 'a function');
  }
  const { pool, direct, directOptions, now } = read as unknown as TektonClientOptions;
  return {
    pool: () => checkPool('pool()', pool()),
    direct: direct === undefined ? undefined : (settings) => checkPool('direct()', direct(settings)),
    directOptions: directOptions === undefined ? undefined : () => checkSettings(directOptions()),
    now,
  };
}

function checkPool(name: string, pool: unknown): Pool {
  if (isPool(pool)) return pool;
  throw wrongArgument(OF, name, pool, 'a pool that createPool() made');
}

function isPool(value: unknown): value is Pool {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
  } catch {
    return false; // A JavaScript Proxy that throws.
  }
}

function checkSettings(options: unknown): PoolOptions {
  if (typeof options === 'object' && options !== null) return options;
  throw wrongArgument(OF, 'directOptions()', options, 'an object with options of createPool()');
}
