import { connectionMachine, orderingMachine, poolMachine } from '../../../machines/index.js';
import { chartOf } from '../../inspector/chart/chart-of.js';
import { mermaidOf } from '../../inspector/chart/mermaid-of.js';
import { readOptions, UsageError } from '../../terminal/command-line.js';
import { exitCodes } from '../../terminal/exit-code.js';
import type { Command, CommandIo } from './command.js';

const all = { connection: connectionMachine, ordering: orderingMachine, pool: poolMachine };

const usage = `Usage: choragus machines [options]

Prints the statecharts, generated from the machines' definitions.

Options:
  --format <format>    mermaid or json. Default: mermaid
  --json               Print JSON on one line
  --machine <machine>  connection, ordering or pool. Default: all
  -h, --help           Show this help

Example:
  choragus machines --machine connection > connection.mmd
`;

export const machines: Command = {
  usage,
  async run(argv: readonly string[], { stdout }: CommandIo): Promise<number> {
    const { format, machine, json } = readOptions(argv, {
      format: { type: 'string', default: 'mermaid' },
      machine: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const chosen = Object.entries(all).filter(([name]) => machine === undefined || name === machine);
    if (chosen.length === 0)
      throw new UsageError(`--machine is ${JSON.stringify(machine)}: use connection, ordering or pool`);
    if (format !== 'json' && format !== 'mermaid')
      throw new UsageError(`--format is ${JSON.stringify(format)}: use mermaid or json`);
    if (json || format === 'json') {
      const charts = Object.fromEntries(chosen.map(([name, one]) => [name, chartOf(one)]));
      stdout.write(`${JSON.stringify(charts, null, json ? 0 : 2)}\n`);
    } else stdout.write(`${chosen.map(([, one]) => mermaidOf(chartOf(one))).join('\n\n')}\n`);
    return exitCodes.good;
  },
};
