import { once } from 'node:events';
import { resolve } from 'node:path';
import { type Redact, startForeignInspector } from '../../inspector/index.js';
import { FORM_OF_HOST, isHostEntry } from '../../inspector/server/allowed-hosts.js';
import { readEach, readOptions, readPort } from '../../terminal/command-line.js';
import { cancelCode } from '../../terminal/exit-code.js';
import { loadFunction } from '../load-function.js';
import type { Command, CommandIo } from './command.js';

const usage = `Usage: choragus inspect [options]

Starts the inspector's page for any xstate 5 program. The program reports to it with
createWebSocketInspector({ url }) of @statelyai/inspect. Needs the package "ws".
Ends on Ctrl-C and SIGTERM.

Options:
  --port <port>         The port of the page and of the reports. Default: a free port
  --host <host>         Default: 127.0.0.1
  --allow-host <name>   A name, with or without a port, under which a browser may open the page
                        through a forwarded port or a proxy. Repeat for each name
  --redact <module>     A file. Its default export decides what is shown of events and contexts.
                        Values of keys such as "password" and "token" are never shown
  --json                Print the URLs as one line of JSON
  -h, --help            Show this help

Examples:
  choragus inspect --port 8080
  choragus inspect --port 8080 --allow-host box.example:443
  choragus inspect --redact ./redact.js

A module for it:
  export default (value, path) => (path.at(-1) === 'email' ? '[email]' : value);
`;

const WANTED = 'a function from a value and its path to what is shown';

export const inspect: Command = {
  usage,
  async run(argv: readonly string[], { stdout, signal, folder }: CommandIo): Promise<number> {
    const values = readOptions(argv, {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      'allow-host': { type: 'string', multiple: true },
      redact: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const { host, json, redact: file } = values;
    const port = readPort('--port', values.port);
    const allowedHosts = readEach('--allow-host', values['allow-host'], isHostEntry, FORM_OF_HOST);
    const redact = file === undefined ? undefined : await loadFunction<Redact>(resolve(folder, file), WANTED);
    await using inspector = await startForeignInspector({ port, host, allowedHosts, redact });
    const { url, wsUrl } = inspector;
    stdout.write(
      json
        ? `${JSON.stringify({ url, wsUrl })}\n`
        : `Page:      ${url}\nPrograms:  createWebSocketInspector({ url: '${wsUrl}' })\n`,
    );
    if (!signal.aborted) await once(signal, 'abort');
    return cancelCode(signal);
  },
};
