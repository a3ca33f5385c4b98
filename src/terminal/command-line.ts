import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Reports a wrong command line. The message names the fault. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<T extends Options> = ReturnType<typeof parseArgs<{ args: string[]; options: T }>>['values'];

/** Reads a command line that has only options. @throws UsageError */
export function readOptions<T extends Options>(argv: readonly string[], options: T): Values<T> {
  return readCommandLine(argv, options, []).values;
}

/**
 * Reads the options and one word for each name. A last name that ends in `?` is optional. A last name that ends in `…` takes any number of
 * words.
 *
 * @throws UsageError
 */
export function readCommandLine<T extends Options>(
  argv: readonly string[],
  options: T,
  names: readonly string[],
): { readonly values: Values<T>; readonly words: readonly string[] } {
  let parsed: ReturnType<typeof parseArgs<{ args: string[]; options: T; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    // The rest of Node's message is about file names that begin with a dash.
    throw new UsageError((error as Error).message.split(/\.\s/, 1)[0]);
  }
  const words = parsed.positionals;
  const missing = names.filter((name) => !/[?…]$/.test(name))[words.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing`);
  if (words.length > names.length && names.at(-1)?.endsWith('…') !== true) {
    const hint = names.includes('message') ? ': put the message in quotes' : '';
    throw new UsageError(`${JSON.stringify(words[names.length])} is one word too many${hint}`);
  }
  return { values: parsed.values as never, words };
}

/**
 * Reads a port.
 *
 * @param name - The option, for the message: `--port`.
 * @throws UsageError
 */
export function readPort(name: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port >= 0 && port <= 65_535) return port;
  throw new UsageError(`${name} is ${JSON.stringify(text)}: use a whole number from 0 to 65535`);
}

/**
 * Reads seconds, and returns milliseconds.
 *
 * @param name - The option, for the message: `--timeout`.
 * @throws UsageError
 */
export function readSeconds(name: string, text: string, most = 86_400): number {
  const seconds = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : 0;
  if (seconds >= 0.001 && seconds <= most) return Math.round(seconds * 1_000);
  throw new UsageError(`${name} is ${JSON.stringify(text)}: use seconds from 0.001 to ${most}`);
}

/**
 * Reads the values of a repeated option.
 *
 * @param name - The option, for the message: `--allow-host`.
 * @param accepted - What is accepted, for the message.
 * @throws UsageError for the first value that is not accepted
 */
export function readEach(
  name: string,
  texts: readonly string[] | undefined,
  isAccepted: (text: string) => boolean,
  accepted: string,
): readonly string[] {
  const wrong = texts?.find((text) => !isAccepted(text));
  if (wrong !== undefined) throw new UsageError(`${name} is ${JSON.stringify(wrong)}: use ${accepted}`);
  return texts ?? [];
}
