import { packageVersion } from '../inspector/package-version.js';
import { ask } from './commands/ask.js';
import type { Command, CommandIo } from './commands/command.js';
import { inspect } from './commands/inspect.js';
import { machines } from './commands/machines.js';
import { ping } from './commands/ping.js';
import { proxy } from './commands/proxy.js';
import { serve } from './commands/serve.js';
import { status } from './commands/status.js';
import { stream } from './commands/stream.js';
import { team } from './commands/team.js';
import { UsageError } from './commands/usage-error.js';
import { cancelCode, exitCodes } from './exit-code.js';

const commands: Readonly<Record<string, Command>> = {
  ask,
  stream,
  team,
  status,
  ping,
  proxy,
  serve,
  inspect,
  machines,
};

const usage = `Usage: choragus <command> [options]

Commands:
${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join('\n')}

Options:
  -h, --help     Show this; of a command, after its name.
  --version      Show the version.

Exit codes: 0 done; 1 failed; 2 the command line is wrong; 3 done in part; of what a signal
ended, 128 and its number.
`;

/**
 * The command `choragus`.
 *
 * @returns The exit code: 0; 1 when it failed; 2 for a command line that is wrong; 3 when it was done in part; 128 and the signal's number
 * when cancelled.
 */
export async function runChoragus(argv: readonly string[], io: CommandIo): Promise<number> {
  const [name, ...rest] = argv;
  if (name === '--version') return say(io, `${packageVersion()}\n`);
  if (name === undefined || name === '--help' || name === '-h') {
    io[name === undefined ? 'stderr' : 'stdout'].write(usage);
    return name === undefined ? exitCodes.usage : exitCodes.done;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    io.stderr.write(`There is no command "${name}".\n\n${usage}`);
    return exitCodes.usage;
  }
  // Behind a -- it is a word like any other.
  const own = rest.slice(0, rest.includes('--') ? rest.indexOf('--') : rest.length);
  if (own.includes('--help') || own.includes('-h')) return say(io, command.usage);
  try {
    return await command.run(rest, io);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const isUsage = error instanceof UsageError;
    if (io.signal.aborted && !isUsage) return cancelCode(io.signal);
    io.stderr.write(isUsage ? `${message}\n\n${hintOf(name, command)}` : `${message}\n`);
    return isUsage ? exitCodes.usage : exitCodes.failed;
  }
}

/** Short, or it would stand in the way of the message. */
function hintOf(name: string, { usage }: Command): string {
  return `${usage.split('\n', 1)[0]}\nchoragus ${name} --help has the options, and examples.\n`;
}

function say({ stdout }: CommandIo, text: string): number {
  stdout.write(text);
  return exitCodes.done;
}
