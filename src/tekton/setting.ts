import { describeValue } from '../errors/index.js';

/** Describes the variables that settings are read from; `process.env` fits. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Takes note of one bad setting; reading goes on, so that all of them can be told at once. */
export type Complain = (problem: string) => void;

const longestShown = 40;
// Node's timers run out at once above 2 ** 31 - 1 ms.
const longestSeconds = 2_147_483;

/** Names a variable with its value, clipped and quoted, for a message. @internal */
export function describeSetting(env: Environment, name: string): string {
  const value = env[name] ?? '';
  const shown = value.length > longestShown ? `${value.slice(0, longestShown)}…` : value;
  return `${name}=${JSON.stringify(shown)}`;
}

/** The value of a variable, or undefined where it is unset, empty or blank. */
function readSetting(env: Environment, name: string, complain: Complain): string | undefined {
  const value: unknown = env[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value.trim() || undefined;
  complain(`${name} is ${describeValue(value)}: use a string`);
  return undefined;
}

/** Reads a port. A bad one is complained of, and read as if it were unset. @internal */
export function readPort(env: Environment, name: string, complain: Complain, least = 1): number | undefined {
  const value = readSetting(env, name, complain);
  if (value === undefined) return undefined;
  const port = Number(value);
  if (/^\d+$/.test(value) && port >= least && port <= 65_535) return port;
  complain(`${describeSetting(env, name)}: takes a port, a whole number from ${least} to 65535`);
  return undefined;
}

/** Reads a duration in seconds as whole milliseconds. A bad one is complained of, and read as if it were unset. @internal */
export function readSeconds(env: Environment, name: string, complain: Complain): number | undefined {
  const value = readSetting(env, name, complain);
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (/^(\d+\.?\d*|\.\d+)$/.test(value) && seconds >= 0.001 && seconds <= longestSeconds) {
    return Math.round(seconds * 1000);
  }
  complain(`${describeSetting(env, name)}: takes seconds, a number from 0.001 to ${longestSeconds}, such as 2 or 0.5`);
  return undefined;
}
