import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The command line is wrong; the message says what is. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** The options of a command line. @throws UsageError */
export function readOptions<T extends Options>(
  argv: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ args: string[]; options: T }>>['values'] {
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    // The rest of what it says is about files whose names begin with a dash.
    throw new UsageError((error as Error).message.split(/\.\s/, 1)[0]);
  }
}

/** The options, and as many words besides as are named: a last name that ends in `?` may be missing, in `…` may be many. @throws UsageError */
export function readCommandLine<T extends Options>(
  argv: readonly string[],
  options: T,
  names: readonly string[],
): {
  readonly values: ReturnType<typeof parseArgs<{ args: string[]; options: T }>>['values'];
  readonly words: readonly string[];
} {
  let parsed: ReturnType<typeof parseArgs<{ args: string[]; options: T; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split(/\.\s/, 1)[0]);
  }
  const words = parsed.positionals;
  const missing = names.filter((name) => !/[?…]$/.test(name))[words.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing`);
  if (words.length > names.length && names.at(-1)?.endsWith('…') !== true) {
    throw new UsageError(`${JSON.stringify(words[names.length])} is one word too many; a message stands in quotes`);
  }
  return { values: parsed.values as never, words };
}

/** A port by its text. @throws UsageError */
export function readPort(name: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port >= 0 && port <= 65_535) return port;
  throw new UsageError(`--${name} takes a port: a whole number from 0 to 65535`);
}

/** Seconds by their text, as ms. @throws UsageError */
export function readSeconds(name: string, text: string): number {
  const seconds = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : 0;
  if (seconds >= 0.001 && seconds <= 86_400) return Math.round(seconds * 1_000);
  throw new UsageError(`--${name} takes seconds, a number from 0.001 to 86400`);
}
