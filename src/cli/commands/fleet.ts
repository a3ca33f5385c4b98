import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Pool, PoolOptions } from '../../contract/index.js';
import { createPool } from '../../create-pool.js';
import { ChoragusError } from '../../errors/index.js';
import { components } from '../../tekton/components.js';
import { readEnvironment } from '../../tekton/environment.js';
import { UsageError } from '../../terminal/command-line.js';
import { addressFault } from './address-fault.js';
import type { CommandIo } from './command.js';
import { readJsonFile } from './read-json-file.js';

/** The default configuration file. */
const FILE = 'choragus.json';
/** Most names of CIs in one message. */
const MOST_NAMED = 20;
const VARIABLES = /^TEKTON_(?:AI_PORT_BASE|PORT_BASE|POOL_)/;

const noCi = `No CI is configured. Add --ci apollo=tcp://localhost:45012, or write a file ${FILE}:

  { "cis": { "apollo": "tcp://localhost:45012" } }

To try the command without a CI, add --demo: it starts 18 of its own.`;

/** The options of all commands that use CIs. */
export const fleetOptions = {
  ci: { type: 'string', multiple: true },
  config: { type: 'string' },
  demo: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** The help text of these options. */
export const fleetUsage = `  --ci <name=url>       A CI: apollo=tcp://localhost:45012. Repeat for each CI
  --config <file>       The file with the CIs. Default: ${FILE}, if it exists
  --demo                Start 18 CIs for this command, and use them
  --json                Print one JSON object per line. Errors go to stderr, also as JSON
  -h, --help            Show this help

Without --ci and without a file, the variables TEKTON_AI_PORT_BASE, TEKTON_PORT_BASE and
<COMPONENT>_PORT define the CIs, if any of them is set.`;

/** The options of the command line that define the CIs. */
export interface FleetValues {
  readonly ci?: readonly string[] | undefined;
  readonly config?: string | undefined;
  readonly demo: boolean;
}

/** A pool, and the embedded chorus if one was started for it. */
export interface Fleet extends AsyncDisposable {
  readonly pool: Pool;
}

/** Finds the CIs, and creates a pool of them. @throws UsageError for a bad option or file, and if there are no CIs */
export async function openFleet(values: FleetValues, io: CommandIo): Promise<Fleet> {
  const chorus = values.demo ? await io.openChorus(io.signal) : undefined;
  const options = chorus === undefined ? findCis(values, io) : { cis: chorus.cis };
  try {
    const pool = createPool({ ...options, logger: false });
    if (pool.cis.length === 0) throw new UsageError(noCi);
    return {
      pool,
      [Symbol.asyncDispose]: async () => {
        await pool.close({ drainTimeoutMs: 0 });
        await chorus?.close();
      },
    };
  } catch (error) {
    await chorus?.close();
    throw usageErrorOf(error, options.cis);
  }
}

/** Converts an `invalid_config` error of `createPool` into a `UsageError` that names the bad parts of addresses. */
export function usageErrorOf(error: unknown, cis: PoolOptions['cis'] = {}): unknown {
  if (!(error instanceof ChoragusError) || error.code !== 'invalid_config') return error;
  const message = error.reason.replace(/(CI "([^"]+)": )its (?:url|port) [^;]*/g, (all, head: string, ci: string) => {
    const one = Object.hasOwn(cis, ci) ? cis[ci] : undefined;
    const url: unknown = typeof one === 'string' ? one : one?.url;
    const fault = typeof url === 'string' ? addressFault(url) : undefined;
    return fault === undefined ? all : `${head}its address is bad: ${fault}`;
  });
  return new UsageError(message);
}

/** Checks that the pool has all these CIs. @throws UsageError */
export function checkNames(names: readonly string[], { cis }: Pool): void {
  const unknown = names.find((name) => !cis.includes(name));
  if (unknown === undefined) return;
  const known = cis.length > MOST_NAMED ? `${cis.slice(0, MOST_NAMED).join(', ')}, …` : cis.join(', ');
  throw new UsageError(`there is no CI ${JSON.stringify(unknown)}: use ${known}`);
}

function findCis({ ci = [], config }: FleetValues, { env, folder }: CommandIo): PoolOptions {
  const named = readCis(ci);
  if (ci.length > 0 && config === undefined) return { cis: named };
  const path = resolve(folder, config ?? FILE);
  if (config !== undefined || existsSync(path)) {
    // `$schema` is for editors. The pool checks the rest.
    const { $schema: _, ...options } = readJsonFile(path) as PoolOptions & { readonly $schema?: unknown };
    return ci.length === 0 ? options : { ...options, cis: { ...options.cis, ...named } };
  }
  if (isConfigured(env)) return readEnvironment(env);
  throw new UsageError(noCi);
}

function readCis(texts: readonly string[]): Readonly<Record<string, string>> {
  const cis = new Map<string, string>();
  for (const text of texts) {
    const [name, url] = readCi(text);
    if (cis.has(name)) throw new UsageError(`--ci names ${JSON.stringify(name)} twice: use a name for each CI`);
    cis.set(name, url);
  }
  return Object.fromEntries(cis);
}

function readCi(text: string): [name: string, url: string] {
  const at = text.indexOf('=');
  // A URL can contain a password before an @.
  const given = text.includes('@') ? '--ci' : `--ci ${text}`;
  if (at === -1) throw new UsageError(`${given} has no =: use name=url`);
  if (at === 0) throw new UsageError(`${given} has no name before the =: use name=url`);
  if (at === text.length - 1) throw new UsageError(`${given} has no url after the =: use name=url`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function isConfigured(env: CommandIo['env']): boolean {
  const ports = Object.keys(components).map((name) => `${name.toUpperCase()}_PORT`);
  return Object.keys(env).some((name) => (VARIABLES.test(name) || ports.includes(name)) && env[name]?.trim() !== '');
}
