import * as v from 'valibot';

/**
 * Returns a schema for values that pass a test.
 *
 * @param takes - What is accepted, for the message: `a function`, `true or false`.
 */
export function expected<T>(takes: string, passes: (value: unknown) => boolean): v.GenericSchema<unknown, T> {
  const check = (value: unknown): boolean => {
    try {
      return passes(value);
    } catch {
      // A getter, or a proxy.
      return false;
    }
  };
  return v.custom<T>(check, takes) as v.GenericSchema<unknown, T>;
}

/** Returns a schema for functions. */
export function aFunction<F extends (...args: never[]) => unknown>(): v.GenericSchema<unknown, F> {
  return expected<F>('a function', (value) => typeof value === 'function');
}

/** Returns a schema for objects that have methods of these names. */
export function withMethods<T>(takes: string, ...names: readonly string[]): v.GenericSchema<unknown, T> {
  return expected<T>(takes, (value) =>
    names.every(
      (name) => typeof (value as Readonly<Record<string, unknown>> | null | undefined)?.[name] === 'function',
    ),
  );
}
