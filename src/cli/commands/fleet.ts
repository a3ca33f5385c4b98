import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { components, readEnvironment } from '../../config/index.js';
import type { Pool, PoolOptions } from '../../contract/index.js';
import { createPool } from '../../create-pool.js';
import { ChoragusError } from '../../errors/index.js';
import type { CommandIo } from './command.js';
import { UsageError } from './usage-error.js';

/** The file that is read where no other is named. */
const FILE = 'choragus.json';
const VARIABLES = /^TEKTON_(?:AI_PORT_BASE|PORT_BASE|POOL_)/;

/** Options that say where the CIs are: of all commands that talk to some. */
export const fleetOptions = {
  ci: { type: 'string', multiple: true },
  config: { type: 'string' },
  demo: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** The same, as `--help` shows them. */
export const fleetUsage = `  --ci <name=url>       A CI, such as apollo=tcp://localhost:45012. As often as there are CIs
  --config <file>       A file with the CIs. Default: ${FILE}, where there is one
  --demo                Ask 18 CIs that are started for it
  --json                A line of JSON for each result, on stdout
  -h, --help            Show this.

Without --ci and without a file, the variables TEKTON_AI_PORT_BASE, TEKTON_PORT_BASE and
<COMPONENT>_PORT say where the CIs are, if any of them is set.`;

/** Where the CIs are, by the command line. */
export interface FleetValues {
  readonly ci?: readonly string[] | undefined;
  readonly config?: string | undefined;
  readonly demo: boolean;
}

/** A pool, and what was started for it. */
export interface Fleet extends AsyncDisposable {
  readonly pool: Pool;
}

/** Finds the CIs, and makes a pool of them. @throws UsageError, also where there are none. */
export async function openFleet(values: FleetValues, io: CommandIo): Promise<Fleet> {
  const chorus = values.demo ? await io.openChorus(io.signal) : undefined;
  try {
    const options = chorus === undefined ? findCis(values, io) : { cis: chorus.cis };
    const pool = createPool({ ...options, logger: false });
    return {
      pool,
      [Symbol.asyncDispose]: async () => {
        await pool.close({ drainTimeoutMs: 0 });
        await chorus?.close();
      },
    };
  } catch (error) {
    await chorus?.close();
    if (error instanceof ChoragusError && error.code === 'invalid_config') throw new UsageError(error.reason);
    throw error;
  }
}

function findCis({ ci = [], config }: FleetValues, { env, folder }: CommandIo): PoolOptions {
  if (ci.length > 0 && config === undefined) return { cis: Object.fromEntries(ci.map(readCi)) };
  const path = resolve(folder, config ?? FILE);
  if (config !== undefined || existsSync(path)) {
    const options = readFile(path);
    return { ...options, cis: { ...options.cis, ...Object.fromEntries(ci.map(readCi)) } };
  }
  if (isConfigured(env)) return readEnvironment(env);
  throw new UsageError(
    `No CI is known. Name one by --ci apollo=tcp://localhost:45012, or write a file ${FILE}:\n\n` +
      '  { "cis": { "apollo": "tcp://localhost:45012" } }\n\n' +
      'To try the command without any, add --demo: it starts 18 of its own.',
  );
}

function readCi(text: string): [name: string, url: string] {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1)
    throw new UsageError(`--ci takes name=url, and was given ${JSON.stringify(text)}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The options of a pool, as a file has them. What is wrong with them the pool says itself. */
function readFile(path: string): PoolOptions {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${path} holds no JSON object`);
  }
  // An editor's, to help while it is written.
  const { $schema: _, ...options } = value as { readonly $schema?: unknown } & PoolOptions;
  return options;
}

function isConfigured(env: CommandIo['env']): boolean {
  const ports = Object.keys(components).map((name) => `${name.toUpperCase()}_PORT`);
  return Object.keys(env).some((name) => (VARIABLES.test(name) || ports.includes(name)) && env[name]?.trim() !== '');
}
