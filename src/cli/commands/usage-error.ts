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

/** A port by its text. @throws UsageError */
export function readPort(name: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port >= 0 && port <= 65_535) return port;
  throw new UsageError(`--${name} takes a port: a whole number from 0 to 65535`);
}
