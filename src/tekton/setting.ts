import { describeValue } from '../errors/index.js';

/** Describes the environment variables, for example `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Collects one bad setting. Reading continues, so that one error reports all of them. */
export type Complain = (problem: string) => void;

const longestShown = 40;
// Node's timers fire at once above 2 ** 31 - 1 ms.
const longestSeconds = 2_147_483;

/** Returns a variable's name and its value, clipped and quoted, for a message. @internal */
export function describeSetting(env: Environment, name: string): string {
  const value = env[name] ?? '';
  const shown = value.length > longestShown ? `${value.slice(0, longestShown)}…` : value;
  return `${name}=${JSON.stringify(shown)}`;
}

/** Returns the value of a variable, or undefined if it is unset, empty or blank. */
function readSetting(env: Environment, name: string, complain: Complain): string | undefined {
  const value: unknown = env[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value.trim() || undefined;
  complain(`${name} is ${describeValue(value)}: use a string`);
  return undefined;
}

/** Reads a port. Reports a bad one, and returns undefined. @internal */
export function readPort(env: Environment, name: string, complain: Complain, least = 1): number | undefined {
  const value = readSetting(env, name, complain);
  if (value === undefined) return undefined;
  const port = Number(value);
  if (/^\d+$/.test(value) && port >= least && port <= 65_535) return port;
  complain(`${describeSetting(env, name)}: use a whole number from ${least} to 65535`);
  return undefined;
}

/** Reads a duration in seconds, and returns whole milliseconds. Reports a bad one, and returns undefined. @internal */
export function readSeconds(env: Environment, name: string, complain: Complain): number | undefined {
  const value = readSetting(env, name, complain);
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (/^(\d+\.?\d*|\.\d+)$/.test(value) && seconds >= 0.001 && seconds <= longestSeconds) {
    return Math.round(seconds * 1000);
  }
  complain(`${describeSetting(env, name)}: use seconds from 0.001 to ${longestSeconds}, for example 0.5`);
  return undefined;
}
