import { readOptions, readPort, readSeconds, UsageError } from '../terminal/command-line.js';

/** What the command is to do. */
export type StartArguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | {
      readonly kind: 'run';
      readonly cis: 'chorus' | 'environment';
      readonly message: string;
      readonly deadlineMs: number;
      /** The port of the inspector; `undefined` without one. */
      readonly inspectPort: number | undefined;
    };

const defaultMessage = 'What should we build?';
const defaultDeadlineSeconds = '2';
const longestDeadlineSeconds = 3_600;

/** What `--help` shows. */
export const usage = `Usage: npm start -- [options]

Runs a team chat on the embedded chorus: 18 CIs in a process of their own.

Options:
  --message <text>      Ask this. Default: "${defaultMessage}"
  --cis                 Ask the real CIs, in place of the chorus. Where they are
                        is read from the environment: TEKTON_AI_PORT_BASE,
                        TEKTON_PORT_BASE and <COMPONENT>_PORT.
  --deadline <seconds>  How long each CI has for its answer. Default: ${defaultDeadlineSeconds}
  --inspect             Go on until Ctrl-C, and show the pool in the browser.
  --inspect-port <port> The same, on this port; as CHORAGUS_INSPECT=<port> does.
  -h, --help            Show this.
`;

/**
 * Reads the command line. Throws nothing: what is wrong with it is part of the answer. `inspectFrom` is the inspector's port by the
 * environment.
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
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (values.help) return { kind: 'help' };
  const { message } = values;
  if (message.trim() === '') throw new UsageError('--message takes a string that is not empty');
  const deadlineMs = readSeconds('--deadline', values.deadline, longestDeadlineSeconds);
  const port = values['inspect-port'] ?? (values.inspect ? '0' : inspectFrom);
  const inspectPort = port ? readPort('--inspect-port (or CHORAGUS_INSPECT)', port) : undefined;
  return { kind: 'run', cis: values.cis ? 'environment' : 'chorus', message, deadlineMs, inspectPort };
}
