import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { filter, map } from 'rxjs';
import { createPool } from '../../create-pool.js';
import { ChoragusError } from '../../errors/index.js';
import { type CiHandler, serveCi } from '../../server/index.js';
import { exitCodes } from '../exit-code.js';
import type { Command, CommandIo } from './command.js';
import { readCommandLine, readPort, UsageError } from './usage-error.js';

const usage = `Usage: choragus serve [<module>] [options]

Runs a CI until Ctrl-C: the default export of a module, a function from a request to an
answer; or with --ask another CI, such as a model of Ollama; or else an echo. Prints where
it listens.

Options:
  --ask <url>           Answer with what the CI at this address says
  --id <name>           Its name. Default: echo, or the module's name
  --port <port>         Default: any that is free
  --host <host>         Default: 127.0.0.1
  --path <path>         A unix socket, in place of port and host
  --web-socket          Speak WebSocket. Needs the package "ws"
  -h, --help            Show this.

Examples:
  choragus serve --port 45012
  choragus serve ./apollo.js --id apollo --web-socket
  choragus serve --ask ollama://localhost/llama3.2 --id apollo --port 45012

A module for it:
  export default ({ content }) => \`You said: \${content}\`;
`;

export const serve: Command = {
  about: 'run a CI: an echo, or a module of yours',
  usage,
  async run(argv: readonly string[], { stdout, signal, folder }: CommandIo): Promise<number> {
    const options = {
      ask: { type: 'string' },
      id: { type: 'string' },
      port: { type: 'string' },
      host: { type: 'string' },
      path: { type: 'string' },
      'web-socket': { type: 'boolean', default: false },
    } as const;
    const { values, words } = readCommandLine(argv, options, ['module?']);
    const [file] = words;
    const { id = file === undefined ? 'echo' : nameOf(file), host, path } = values;
    const port = values.port === undefined ? undefined : readPort('port', values.port);
    if (file !== undefined && values.ask !== undefined) throw new UsageError('a module or --ask, not both');
    await using other = values.ask === undefined ? undefined : openOther(values.ask);
    const handler = other?.handler ?? (file === undefined ? echo : await load(resolve(folder, file)));
    const listen = { port, host, path, webSocket: values['web-socket'] || undefined };
    try {
      const given = Object.fromEntries(Object.entries(listen).filter(([, value]) => value !== undefined));
      await using ci = await serveCi({ id, handler, listen: given });
      stdout.write(`${id} listens on ${ci.url}\n`);
      if (!signal.aborted) await once(signal, 'abort');
    } catch (error) {
      if (error instanceof ChoragusError && error.code === 'invalid_config') throw new UsageError(error.reason);
      throw error;
    }
    return exitCodes.done;
  },
};

const echo: CiHandler = ({ content }) => content;

/** Another CI, as the handler of this one: it is streamed in any case, so that one who leaves stops it. */
function openOther(url: string): { readonly handler: CiHandler } & AsyncDisposable {
  try {
    const pool = createPool({ cis: { other: url }, logger: false });
    const handler: CiHandler = ({ raw, content, maxTokens }) => {
      const { max_tokens: _, ...fields } = raw;
      const pieces = pool.stream('other', { ...fields, content, maxTokens });
      // Clients of this wire know of text alone.
      return pieces.pipe(
        filter(({ kind }) => kind === 'text'),
        map((chunk) => chunk.content),
      );
    };
    return { handler, [Symbol.asyncDispose]: async () => void (await pool.close({ drainTimeoutMs: 0 })) };
  } catch (error) {
    throw new UsageError((error as ChoragusError).reason);
  }
}

function nameOf(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/\.[cm]?[jt]s$/, '');
}

async function load(path: string): Promise<CiHandler> {
  let loaded: { readonly default?: unknown };
  try {
    loaded = await import(pathToFileURL(path).href);
  } catch (error) {
    throw new Error(`${path} cannot be loaded: ${(error as Error).message}`);
  }
  if (typeof loaded.default === 'function') return loaded.default as CiHandler;
  throw new UsageError(`${path} has no default export that is a function`);
}
