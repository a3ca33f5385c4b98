import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readEnvironment } from '../../config/index.js';
import type { Pool } from '../../contract/index.js';
import { ChoragusError } from '../../errors/index.js';
import { serveProxy } from '../../proxy/index.js';
import { exitCodes } from '../exit-code.js';
import type { Command, CommandIo } from './command.js';
import { fleetOptions, fleetUsage, openFleet } from './fleet.js';
import { readCommandLine, readPort, UsageError } from './usage-error.js';

const usage = `Usage: choragus proxy [options]

Listens where clients expect their CIs, and carries all of them over shared connections:
clients need not be changed. Until Ctrl-C or SIGTERM; then what is under way is finished.

Options:
  --listen <name=port>  Where a CI's clients expect it. As often as there are CIs
  --map <file>          The same as JSON: {"apollo": 45012}
  --host <host>         Default: 127.0.0.1
${fleetUsage}

Without --listen and --map, each CI is listened for at its port on the fixed port map, which
TEKTON_AI_PORT_BASE, TEKTON_PORT_BASE and <COMPONENT>_PORT move.

Examples:
  choragus proxy --ci apollo=tls://apollo.example:45012
  choragus proxy --ci numa=ws://ci.example/numa --listen numa=45016
`;

const longestDrainMs = 5_000;

export const proxy: Command = {
  about: 'carry clients as they are over shared connections',
  usage,
  async run(argv: readonly string[], io: CommandIo): Promise<number> {
    const { json: _, ...whereOptions } = fleetOptions;
    const options = {
      ...whereOptions,
      listen: { type: 'string', multiple: true },
      map: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
    } as const;
    const { values } = readCommandLine(argv, options, []);
    await using fleet = await openFleet(values, io);
    const ports = portsOf(values, fleet.pool, io);
    refuseLoops(ports, fleet.pool);
    const listen = Object.fromEntries(Object.entries(ports).map(([ci, port]) => [ci, { port, host: values.host }]));
    const server = await started(fleet.pool, listen);
    for (const [ci, url] of Object.entries(server.urls)) io.stdout.write(`${ci} is listened for on ${url}\n`);
    if (!io.signal.aborted) await once(io.signal, 'abort');
    await server.close({ drainTimeoutMs: longestDrainMs });
    return exitCodes.done;
  },
};

async function started(pool: Pool, listen: Parameters<typeof serveProxy>[1]['listen']) {
  try {
    return await serveProxy(pool, { listen });
  } catch (error) {
    if (error instanceof ChoragusError && error.code === 'unknown_ci') throw new UsageError(error.reason);
    throw error;
  }
}

interface Where {
  readonly listen?: readonly string[] | undefined;
  readonly map?: string | undefined;
}

function portsOf({ listen = [], map }: Where, pool: Pool, { env, folder }: CommandIo): Record<string, number> {
  const given = {
    ...(map === undefined ? {} : readMap(resolve(folder, map))),
    ...Object.fromEntries(listen.map(readListen)),
  };
  if (Object.keys(given).length > 0) return given;
  const fixed = readEnvironment(env).cis as Readonly<Record<string, string>>;
  return Object.fromEntries(
    pool.cis.map((ci) => {
      const url = fixed[ci];
      if (url !== undefined) return [ci, Number(url.split(':').at(-1))];
      throw new UsageError(`${ci} has no port on the fixed port map: name one by --listen ${ci}=<port>`);
    }),
  );
}

function readListen(text: string): [ci: string, port: number] {
  const [, ci, port] = /^(.+)=([^=]+)$/.exec(text) ?? [];
  if (ci === undefined || port === undefined) throw new UsageError(`--listen takes name=port, and was given ${text}`);
  return [ci, readPort('listen', port)];
}

function readMap(path: string): Record<string, number> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path} cannot be read as JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${path} holds no JSON object`);
  return Object.fromEntries(Object.entries(value).map(([ci, port]) => [ci, readPort(`map: ${ci}`, String(port))]));
}

/** A CI that is dialled where its own clients are listened for would be asked by itself, for ever. */
function refuseLoops(ports: Readonly<Record<string, number>>, pool: Pool): void {
  const { cis } = pool.snapshot();
  for (const [ci, port] of Object.entries(ports)) {
    if (port === 0) continue;
    const isLoop = new RegExp(`^tcp://(?:localhost|127\\.0\\.0\\.1|\\[::1\\]):${port}/?$`).test(cis[ci]?.url ?? '');
    if (isLoop) {
      throw new UsageError(
        `${ci} is dialled on port ${port}, where its clients are to be listened for: one of the two must be another`,
      );
    }
  }
}
