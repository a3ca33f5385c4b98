import { packageVersion } from '../inspector/package-version.js';
import type { Command, CommandIo } from './commands/command.js';
import { inspect } from './commands/inspect.js';
import { machines } from './commands/machines.js';
import { UsageError } from './commands/usage-error.js';

const commands: Readonly<Record<string, Command>> = { inspect, machines };

const usage = `Usage: choragus <command> [options]

Commands:
${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join('\n')}

Options:
  -h, --help     Show this; of a command, after its name.
  --version      Show the version.
`;

/**
 * The command `choragus`.
 *
 * @returns The exit code: 0; 1 when it failed; 2 for a command line that is wrong.
 */
export async function runChoragus(argv: readonly string[], io: CommandIo): Promise<number> {
  const [name, ...rest] = argv;
  if (name === '--version') return say(io, `${packageVersion()}\n`);
  if (name === undefined || name === '--help' || name === '-h') {
    io[name === undefined ? 'stderr' : 'stdout'].write(usage);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    io.stderr.write(`There is no command "${name}".\n\n${usage}`);
    return 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) return say(io, command.usage);
  try {
    return await command.run(rest, io);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const isUsage = error instanceof UsageError;
    io.stderr.write(isUsage ? `${message}\n\n${command.usage}` : `${message}\n`);
    return isUsage ? 2 : 1;
  }
}

function say({ stdout }: CommandIo, text: string): number {
  stdout.write(text);
  return 0;
}
