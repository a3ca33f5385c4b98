import { ChoragusError } from '../errors/index.js';
import { packageVersion } from '../node/package-version.js';
import { UsageError } from '../terminal/command-line.js';
import { cancelCode, exitCodes } from '../terminal/exit-code.js';
import { asksForJson, failureJson } from '../terminal/failure-json.js';
import type { Command, CommandIo } from './commands/command.js';

/** A command in one line, and its module: only the one that is called is loaded. */
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
  ping: { about: 'see which CIs answer, and how fast', load: async () => (await import('./commands/ping.js')).ping },
  proxy: {
    about: 'let existing clients share connections',
    load: async () => (await import('./commands/proxy.js')).proxy,
  },
  serve: {
    about: 'run a CI: an echo, or a module of yours',
    load: async () => (await import('./commands/serve.js')).serve,
  },
  inspect: {
    about: 'run the page alone, for any xstate program',
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
  -h, --help     Show this. After the name of a command: its options
  --version      Show the version

Exit codes: 0 all is well; 1 something failed; 2 the command line is wrong; 130, 143
ended by SIGINT, SIGTERM; 141 the reader of the output left.
`;

/**
 * The command `choragus`.
 *
 * @returns The exit code: 0; 1 when something failed; 2 for a command line that is wrong; 128 and the signal's number when cancelled.
 */
export async function runChoragus(argv: readonly string[], io: CommandIo): Promise<number> {
  const [name, ...rest] = argv;
  if (name === '--version') return say(io, `${packageVersion()}\n`);
  if (name === '--help' || name === '-h') return say(io, usage);
  // After a -- it is a word like any other.
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
  if (name === undefined) return 'no command is given';
  if (name.startsWith('-')) return `no command is given: put ${name} after it`;
  return `there is no command ${JSON.stringify(name)}`;
}

/** Reports why the command could not do its work. Without a hint, as JSON. */
function complain({ stderr }: CommandIo, error: unknown, hint: string | undefined): number {
  const isUsage = isUsageError(error);
  const { code, message } = failureOf(error);
  if (hint === undefined) stderr.write(failureJson(code, message));
  else stderr.write(isUsage ? `${message}\n\n${hint}` : `${message}\n`);
  return isUsage ? exitCodes.usage : exitCodes.failed;
}

/** Whether the command line, a file or the environment is at fault. */
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

/** `cannot listen on 127.0.0.1:45012: the port is taken (EADDRINUSE)`. */
function withCause({ reason, cause }: ChoragusError): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (typeof code !== 'string' || reason.includes(code)) return reason;
  const words = Object.hasOwn(causes, code) ? `${causes[code]} (${code})` : code;
  return `${reason}: ${words}`;
}

const causes: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is taken',
  EACCES: 'this user may not',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the host name is unknown',
  ENOENT: 'there is no such folder',
};

/** Short: the message must stay in view. */
function hintOf(name: string, { usage }: Command): string {
  return `${usage.split('\n', 1)[0]}\nchoragus ${name} --help lists the options, with examples.\n`;
}

function say({ stdout }: CommandIo, text: string): number {
  stdout.write(text);
  return exitCodes.good;
}
