import { connectionMachine, poolMachine } from '../../../machines/index.js';
import { chartOf } from '../../inspector/chart-of.js';
import { mermaidOf } from '../../inspector/mermaid-of.js';
import type { Command, CommandIo } from './command.js';
import { readOptions, UsageError } from './usage-error.js';

const all = { connection: connectionMachine, pool: poolMachine };

const usage = `Usage: choragus machines [options]

Prints the statecharts, from the machines' own definitions.

Options:
  --format <format>    mermaid or json. Default: mermaid
  --machine <machine>  connection or pool. Default: both
  -h, --help           Show this.

Example:
  choragus machines --machine connection > connection.mmd
`;

export const machines: Command = {
  about: 'the statecharts, as Mermaid or JSON',
  usage,
  async run(argv: readonly string[], { stdout }: CommandIo): Promise<number> {
    const { format, machine } = readOptions(argv, {
      format: { type: 'string', default: 'mermaid' },
      machine: { type: 'string' },
    });
    const chosen = Object.entries(all).filter(([name]) => machine === undefined || name === machine);
    if (chosen.length === 0) throw new UsageError('--machine takes connection or pool');
    if (format === 'json') {
      const charts = Object.fromEntries(chosen.map(([name, one]) => [name, chartOf(one)]));
      stdout.write(`${JSON.stringify(charts, null, 2)}\n`);
    } else if (format === 'mermaid') stdout.write(`${chosen.map(([, one]) => mermaidOf(one)).join('\n\n')}\n`);
    else throw new UsageError('--format takes mermaid or json');
    return 0;
  },
};
