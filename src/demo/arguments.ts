import { FORM_OF_HOST, isHostEntry } from '../inspector/server/allowed-hosts.js';
import { readEach, readOptions, readPort, readSeconds, UsageError } from '../terminal/command-line.js';

/** What the command line asks for. */
export type StartArguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | {
      readonly kind: 'run';
      readonly cis: 'chorus' | 'environment';
      readonly message: string;
      readonly deadlineMs: number;
      /** The port of the inspector; `undefined`: no inspector. */
      readonly inspectPort: number | undefined;
      /** Further names of the inspector: see `InspectorOptions`. */
      readonly allowedHosts: readonly string[];
    };

const defaultMessage = 'What should we build?';
const defaultDeadlineSeconds = '2';
const longestDeadlineSeconds = 3_600;

/** The text of `--help`. */
export const usage = `Usage: npm start -- [options]

Runs a team chat with the embedded chorus: 18 CIs in a separate process.

Options:
  --message <text>      The question. Default: "${defaultMessage}"
  --cis                 Ask the real CIs, not the chorus. Their addresses come
                        from the environment: TEKTON_AI_PORT_BASE,
                        TEKTON_PORT_BASE and <COMPONENT>_PORT.
  --deadline <seconds>  How long each answer may take. Default: ${defaultDeadlineSeconds}
  --inspect             Continue until Ctrl-C, and show the pool in the browser.
  --inspect-port <port> The same, on this port. Or set CHORAGUS_INSPECT=<port>.
  --allow-host <name>   A name, with or without a port, under which a browser
                        may open the inspector through a forwarded port or a
                        proxy. Repeat for each name.
  -h, --help            Show this help.
`;

/**
 * Reads the command line. Does not throw: a fault is part of the result.
 *
 * @param inspectFrom - The value of `CHORAGUS_INSPECT`.
 */
export function readArguments(argv: readonly string[], inspectFrom?: string): StartArguments {
  try {
    return read(argv, inspectFrom);
  } catch (error) {
    if (error instanceof UsageError) return { kind: 'wrong', problem: error.message };
    throw error;
  }
}

function read(argv: readonly string[], inspectFrom: string | undefined): StartArguments {
  const values = readOptions(argv, {
    cis: { type: 'boolean', default: false },
    message: { type: 'string', default: defaultMessage },
    deadline: { type: 'string', default: defaultDeadlineSeconds },
    inspect: { type: 'boolean', default: false },
    'inspect-port': { type: 'string' },
    'allow-host': { type: 'string', multiple: true },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (values.help) return { kind: 'help' };
  const { message } = values;
  if (message.trim() === '') throw new UsageError('--message is empty: use a string that is not empty');
  const deadlineMs = readSeconds('--deadline', values.deadline, longestDeadlineSeconds);
  const port = values['inspect-port'] ?? (values.inspect ? '0' : inspectFrom);
  const inspectPort = port ? readPort('--inspect-port (or CHORAGUS_INSPECT)', port) : undefined;
  const allowedHosts = readEach('--allow-host', values['allow-host'], isHostEntry, FORM_OF_HOST);
  if (allowedHosts.length > 0 && inspectPort === undefined) {
    throw new UsageError('--allow-host has no inspector: add --inspect');
  }
  return { kind: 'run', cis: values.cis ? 'environment' : 'chorus', message, deadlineMs, inspectPort, allowedHosts };
}
