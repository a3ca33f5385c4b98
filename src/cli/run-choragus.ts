import { ChoragusError } from '../errors/index.js';
import { packageVersion } from '../node/package-version.js';
import { UsageError } from '../terminal/command-line.js';
import { cancelCode, exitCodes } from '../terminal/exit-code.js';
import { asksForJson, failureJson } from '../terminal/failure-json.js';
import type { Command, CommandIo } from './commands/command.js';

/** A command's description and its module. The module is loaded only when the command runs. */
interface Entry {
  readonly about: string;
  readonly load: () => Promise<Command>;
}

const commands: Readonly<Record<string, Entry>> = {
  ask: { about: 'ask one CI', load: async () => (await import('./commands/ask.js')).ask },
  stream: {
    about: 'ask one CI, and show the answer as it comes',
    load: async () => (await import('./commands/stream.js')).stream,
  },
  team: { about: 'ask all CIs at once', load: async () => (await import('./commands/team.js')).team },
  status: {
    about: 'show the state of each CI, once or live',
    load: async () => (await import('./commands/status.js')).status,
  },
  ping: { about: 'show which CIs answer, and how fast', load: async () => (await import('./commands/ping.js')).ping },
  proxy: {
    about: 'let existing clients share connections',
    load: async () => (await import('./commands/proxy.js')).proxy,
  },
  serve: {
    about: 'run a CI: an echo, or your own module',
    load: async () => (await import('./commands/serve.js')).serve,
  },
  inspect: {
    about: 'run the inspector alone, for any xstate program',
    load: async () => (await import('./commands/inspect.js')).inspect,
  },
  machines: {
    about: 'print the statecharts, as Mermaid or JSON',
    load: async () => (await import('./commands/machines.js')).machines,
  },
};

const usage = `Usage: choragus <command> [options]

Commands:
${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join('\n')}

Options:
  -h, --help     Show this help. After the name of a command: its options
  --version      Show the version

Exit codes: 0 success; 1 failure; 2 wrong command line; 130 ended by SIGINT; 143 ended by
SIGTERM; 141 the reader of the output has left.
`;

/**
 * Runs the command `choragus`.
 *
 * @returns The exit code: 0 for success; 1 for a failure; 2 for a wrong command line; 128 plus the signal's number if cancelled.
 */
export async function runChoragus(argv: readonly string[], io: CommandIo): Promise<number> {
  const [name, ...rest] = argv;
  if (name === '--version') return say(io, `${packageVersion()}\n`);
  if (name === '--help' || name === '-h') return say(io, usage);
  // After `--` everything is a word, also `--help`.
  const own = rest.slice(0, rest.includes('--') ? rest.indexOf('--') : rest.length);
  const isJson = asksForJson(argv);
  const entry = Object.hasOwn(commands, name ?? '') ? commands[name as string] : undefined;
  if (entry === undefined) {
    return complain(io, new UsageError(whyNone(name)), isJson ? undefined : usage);
  }
  let hint = '';
  try {
    const command = await entry.load();
    if (own.includes('--help') || own.includes('-h')) return say(io, command.usage);
    hint = hintOf(name as string, command);
    return await command.run(rest, io);
  } catch (error) {
    if (io.signal.aborted && !isUsageError(error)) return cancelCode(io.signal);
    return complain(io, error, isJson ? undefined : hint);
  }
}

function whyNone(name: string | undefined): string {
  if (name === undefined) return 'the command is missing';
  if (name.startsWith('-')) return `the command is missing: write it before ${name}`;
  return `${JSON.stringify(name)} is not a command: see choragus --help`;
}

/** Reports why the command failed. Without a hint, reports it as JSON. */
function complain({ stderr }: CommandIo, error: unknown, hint: string | undefined): number {
  const isUsage = isUsageError(error);
  const { code, message } = failureOf(error);
  if (hint === undefined) stderr.write(failureJson(code, message));
  else stderr.write(isUsage ? `${message}\n\n${hint}` : `${message}\n`);
  return isUsage ? exitCodes.usage : exitCodes.failed;
}

/** Returns true if the command line, a file or the environment is wrong. */
function isUsageError(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  return error instanceof ChoragusError && (error.code === 'invalid_config' || error.code === 'unknown_ci');
}

function failureOf(error: unknown): { readonly code: string; readonly message: string } {
  if (isUsageError(error)) return { code: 'usage', message: reasonOf(error) };
  if (error instanceof ChoragusError) return { code: error.code, message: withCause(error) };
  return { code: 'failed', message: reasonOf(error) };
}

function reasonOf(error: unknown): string {
  if (error instanceof ChoragusError) return error.reason;
  return error instanceof Error ? error.message : String(error);
}

/** Adds the cause to a reason: `cannot listen on 127.0.0.1:45012: the address is in use (EADDRINUSE)`. */
function withCause({ reason, cause }: ChoragusError): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (typeof code !== 'string' || reason.includes(code)) return reason;
  const words = Object.hasOwn(causes, code) ? `${causes[code]} (${code})` : code;
  return `${reason}: ${words}`;
}

const causes: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the host name is unknown',
  ENOENT: 'the folder does not exist',
};

/** Returns a short hint, so that the message stays visible. */
function hintOf(name: string, { usage }: Command): string {
  return `${usage.split('\n', 1)[0]}\nchoragus ${name} --help lists the options, with examples.\n`;
}

function say({ stdout }: CommandIo, text: string): number {
  stdout.write(text);
  return exitCodes.good;
}
