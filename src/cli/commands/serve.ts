import { once } from 'node:events';
import { resolve } from 'node:path';
import { filter, map } from 'rxjs';
import { createPool } from '../../create-pool.js';
import { type CiHandler, serveCi } from '../../server/index.js';
import { readCommandLine, readPort, UsageError } from '../../terminal/command-line.js';
import { cancelCode } from '../../terminal/exit-code.js';
import { DrainableHandler } from '../drainable-handler.js';
import { loadFunction } from '../load-function.js';
import { within } from '../within.js';
import type { Command, CommandIo } from './command.js';
import { usageErrorOf } from './fleet.js';

const usage = `Usage: choragus serve [<module>] [options]

Runs a CI, and prints its address. The CI answers with the default export of a module: a
function from a request to an answer. With --ask it answers with another CI, for example a
model of Ollama. With neither it repeats each message. Runs until Ctrl-C or SIGTERM; then it
waits up to 5 s for the requests in flight.

Options:
  --ask <url>           Answer with the answers of the CI at this address
  --id <name>           The CI's name. Default: echo, or the module's name
  --port <port>         Default: a free port
  --host <host>         Default: 127.0.0.1
  --path <path>         A unix socket, instead of port and host
  --web-socket          Speak WebSocket. Needs the package "ws"
  --json                Print the address as a line of JSON
  -h, --help            Show this help

Examples:
  choragus serve --port 45012
  choragus serve ./apollo.js --id apollo --web-socket
  choragus serve --ask ollama://localhost/llama3.2 --id apollo --port 45012

A module for it:
  export default ({ content }) => \`You said: \${content}\`;
`;

const longestDrainMs = 5_000;

export const serve: Command = {
  usage,
  async run(argv: readonly string[], io: CommandIo): Promise<number> {
    const options = {
      ask: { type: 'string' },
      id: { type: 'string' },
      port: { type: 'string' },
      host: { type: 'string' },
      path: { type: 'string' },
      'web-socket': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    } as const;
    const { values, words } = readCommandLine(argv, options, ['module?']);
    const [file] = words;
    const { id = file === undefined ? 'echo' : nameOf(file), host, path, json } = values;
    const port = values.port === undefined ? undefined : readPort('--port', values.port);
    if (file !== undefined && values.ask !== undefined)
      throw new UsageError('a module and --ask cannot be combined: use one of them');
    await using other = values.ask === undefined ? undefined : openOther(values.ask);
    const handler = new DrainableHandler(
      other?.handler ??
        (file === undefined
          ? echo
          : await loadFunction<CiHandler>(resolve(io.folder, file), 'a function from a request to an answer')),
    );
    const listen = { port, host, path, webSocket: values['web-socket'] || undefined };
    const given = Object.fromEntries(Object.entries(listen).filter(([, value]) => value !== undefined));
    await using ci = await serveCi({ id, handler: handler.handle, listen: given });
    io.stdout.write(json ? `${JSON.stringify({ ci: id, url: ci.url })}\n` : `${id} listens on ${ci.url}\n`);
    if (!io.signal.aborted) await once(io.signal, 'abort');
    await within(longestDrainMs, handler.drain(), () => {
      const left = handler.underWay === 1 ? '1 request' : `${handler.underWay} requests`;
      if (!json) io.stderr.write(`Waiting up to 5 s for ${left}. A second signal ends at once.\n`);
    });
    return cancelCode(io.signal);
  },
};

const echo: CiHandler = ({ content }) => content;

/** Returns a handler that answers with another CI. Always streams, so that a client that leaves stops the other CI. */
function openOther(url: string): { readonly handler: CiHandler } & AsyncDisposable {
  try {
    const pool = createPool({ cis: { other: url }, logger: false });
    const handler: CiHandler = ({ raw, content, maxTokens }) => {
      const { max_tokens: _, ...fields } = raw;
      const pieces = pool.stream('other', { ...fields, content, maxTokens });
      // Clients of this wire know only text.
      return pieces.pipe(
        filter(({ kind }) => kind === 'text'),
        map((chunk) => chunk.content),
      );
    };
    return { handler, [Symbol.asyncDispose]: async () => void (await pool.close({ drainTimeoutMs: 0 })) };
  } catch (error) {
    const fault = usageErrorOf(error, { other: url });
    throw fault instanceof UsageError ? new UsageError(fault.message.replace('CI "other"', '--ask')) : fault;
  }
}

function nameOf(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/\.[cm]?[jt]s$/, '');
}
