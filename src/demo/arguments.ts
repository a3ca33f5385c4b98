import { parseArgs } from 'node:util';

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
  let values: ReturnType<typeof parse>;
  try {
    values = parse(argv);
  } catch (error) {
    return { kind: 'wrong', problem: problemOf(error) };
  }
  if (values.help) return { kind: 'help' };
  const { message, deadline } = values;
  if (message.trim() === '') return { kind: 'wrong', problem: '--message takes a text that is not empty' };
  const seconds = /^(\d+\.?\d*|\.\d+)$/.test(deadline) ? Number(deadline) : 0;
  if (seconds < 0.001 || seconds > longestDeadlineSeconds) {
    return { kind: 'wrong', problem: `--deadline takes seconds, a number from 0.001 to ${longestDeadlineSeconds}` };
  }
  const deadlineMs = Math.round(seconds * 1_000);
  const port = values['inspect-port'] ?? (values.inspect ? '0' : inspectFrom);
  const inspectPort = port === undefined || port === '' ? undefined : Number(port);
  if (inspectPort !== undefined && !(/^\d{1,5}$/.test(port ?? '') && inspectPort <= 65_535)) {
    return {
      kind: 'wrong',
      problem: '--inspect-port (or CHORAGUS_INSPECT) takes a port: a whole number from 0 to 65535',
    };
  }
  return { kind: 'run', cis: values.cis ? 'environment' : 'chorus', message, deadlineMs, inspectPort };
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    options: {
      cis: { type: 'boolean', default: false },
      message: { type: 'string', default: defaultMessage },
      deadline: { type: 'string', default: defaultDeadlineSeconds },
      inspect: { type: 'boolean', default: false },
      'inspect-port': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;
}

/** The first sentence of what `parseArgs` says; the rest of it is about files whose names begin with a dash. */
function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split(/\.\s/, 1)[0] ?? message;
}
