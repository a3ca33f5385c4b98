import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Pool } from '../../contract/index.js';
import { serveProxy } from '../../proxy/index.js';
import { readEnvironment } from '../../tekton/environment.js';
import { readCommandLine, readPort, UsageError } from '../../terminal/command-line.js';
import { cancelCode } from '../../terminal/exit-code.js';
import { within } from '../within.js';
import type { Command, CommandIo } from './command.js';
import { fleetOptions, fleetUsage, openFleet } from './fleet.js';
import { readJsonFile } from './read-json-file.js';

const usage = `Usage: choragus proxy [options]

Listens where clients expect their CIs, and carries all of them over shared connections:
clients need not be changed. Runs until Ctrl-C or SIGTERM, which let the requests that are
under way finish, for 5 s.

Options:
  --listen <name=port>  The port where the clients of a CI expect it. Once for each CI
  --map <file>          The same as JSON: {"apollo": 45012}
  --host <host>         Default: 127.0.0.1
  --when-down <what>    What clients see while their CI is down: refuse (nobody listens; the
                        default), or close (their connection is taken, and closed at once)
${fleetUsage}

Without --listen and --map, each CI has its port on the fixed port map, which
TEKTON_AI_PORT_BASE, TEKTON_PORT_BASE and <COMPONENT>_PORT move.

Examples:
  choragus proxy --ci apollo=tls://apollo.example:45012
  choragus proxy --ci numa=ws://ci.example/numa --listen numa=45016
`;

const longestDrainMs = 5_000;
const longestEndMs = 6_000;

export const proxy: Command = {
  usage,
  async run(argv: readonly string[], io: CommandIo): Promise<number> {
    const options = {
      ...fleetOptions,
      listen: { type: 'string', multiple: true },
      map: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      'when-down': { type: 'string', default: 'refuse' },
    } as const;
    const { values } = readCommandLine(argv, options, []);
    const whenDown = readWhenDown(values['when-down']);
    await using fleet = await openFleet(values, io);
    const ports = portsOf(values, fleet.pool, io);
    refuseLoops(ports, fleet.pool);
    const listen = Object.fromEntries(Object.entries(ports).map(([ci, port]) => [ci, { port, host: values.host }]));
    const server = await serveProxy(fleet.pool, { listen, whenDown });
    const urls = Object.entries(server.urls);
    // In one write: a reader that has seen enough after the first line must not end the proxy.
    io.stdout.write(urls.map(([ci, url]) => lineOf(ci, url, values.json)).join(''));
    if (!io.signal.aborted) await once(io.signal, 'abort');
    const closing = server.close({ drainTimeoutMs: longestDrainMs });
    await within(longestEndMs, closing, () => {
      if (!values.json) io.stderr.write('Waiting up to 5 s for clients. A second signal ends at once.\n');
    });
    return cancelCode(io.signal);
  },
};

function lineOf(ci: string, url: string, isJson: boolean): string {
  return isJson ? `${JSON.stringify({ ci, url })}\n` : `${ci}: clients connect to ${url}\n`;
}

function readWhenDown(text: string): 'refuse' | 'close' {
  if (text === 'refuse' || text === 'close') return text;
  throw new UsageError(`--when-down takes refuse or close, and was given ${text}`);
}

interface Where {
  readonly listen?: readonly string[] | undefined;
  readonly map?: string | undefined;
}

function portsOf({ listen = [], map }: Where, pool: Pool, { env, folder }: CommandIo): Record<string, number> {
  const given = {
    ...(map === undefined ? {} : readMap(resolve(folder, map))),
    ...readListens(listen),
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

function readListens(texts: readonly string[]): Record<string, number> {
  const ports = new Map<string, number>();
  for (const text of texts) {
    const [, ci, port] = /^(.+)=([^=]*)$/.exec(text) ?? [];
    if (ci === undefined || port === undefined) throw new UsageError(`--listen takes name=port, and was given ${text}`);
    if (ports.has(ci)) throw new UsageError(`--listen names ${JSON.stringify(ci)} twice: use a port for each CI`);
    ports.set(ci, readPort(`--listen ${ci}`, port));
  }
  return Object.fromEntries(ports);
}

function readMap(path: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(readJsonFile(path)).map(([ci, port]) => [ci, readPort(`--map ${ci}`, String(port))]),
  );
}

/** Refuses to listen on the address of the CI itself: the proxy would send each request to itself. */
function refuseLoops(ports: Readonly<Record<string, number>>, pool: Pool): void {
  const { cis } = pool.snapshot();
  for (const [ci, port] of Object.entries(ports)) {
    if (port === 0) continue;
    const isLoop = new RegExp(`^tcp://(?:localhost|127\\.0\\.0\\.1|\\[::1\\]):${port}/?$`).test(cis[ci]?.url ?? '');
    if (isLoop) {
      throw new UsageError(
        `port ${port} is the address of ${ci} itself: choose another port for its clients by --listen ${ci}=<port>`,
      );
    }
  }
}
