import { once } from 'node:events';
import { startForeignInspector } from '../../inspector/index.js';
import type { Command, CommandIo } from './command.js';
import { readOptions, readPort } from './usage-error.js';

const usage = `Usage: choragus inspect [options]

Starts the inspector's page for any xstate 5 program: it reports by the package
@statelyai/inspect, with createWebSocketInspector({ url }). Needs the package "ws".
Ends on Ctrl-C.

Options:
  --port <port>   Where the page is, and where programs report. Default: any that is free
  --host <host>   Default: 127.0.0.1
  -h, --help      Show this.

Example:
  choragus inspect --port 8080
`;

export const inspect: Command = {
  about: 'the page alone, for any xstate program',
  usage,
  async run(argv: readonly string[], { stdout, signal }: CommandIo): Promise<number> {
    const { port, host } = readOptions(argv, {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
    });
    await using inspector = await startForeignInspector({ port: readPort('port', port), host });
    stdout.write(`Page:      ${inspector.url}\nPrograms:  createWebSocketInspector({ url: '${inspector.wsUrl}' })\n`);
    // The server keeps no process alive; that somebody waits for it does.
    const hold = setInterval(() => {}, 2 ** 30);
    if (!signal.aborted) await once(signal, 'abort');
    clearInterval(hold);
    return 0;
  },
};
