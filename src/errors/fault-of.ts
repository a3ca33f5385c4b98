import { codes } from './code.js';
import { describeValue } from './describe-value.js';
import { isPlainObject } from './plain-object.js';

type Test = (value: unknown) => boolean;

const deliveries: readonly unknown[] = ['not_sent', 'maybe_sent', 'answered'];
const phases: readonly unknown[] = ['queue', 'connect', 'first chunk', 'idle', 'total'];
const isText: Test = (value) => typeof value === 'string';

/** What each detail accepts; `undefined` is accepted for all of them. */
const known: Readonly<Record<string, readonly [Test, string]>> = {
  ci: [isText, 'a string'],
  delivery: [(value) => deliveries.includes(value), 'not_sent, maybe_sent or answered'],
  phase: [(value) => phases.includes(value), 'one of the phases of a request'],
  timings: [isTimings, 'times in ms: queuedMs, connectMs, serviceMs and totalMs'],
  partial: [isText, 'a string'],
  said: [isText, 'a string'],
  status: [(value) => Number.isInteger(value), 'a whole number'],
  retryAfterMs: [(value) => typeof value === 'number' && value >= 0, 'a number of milliseconds from 0'],
  cause: [() => true, 'anything'],
};

/** Describes the first part of an error that is wrong, by its name; returns undefined if all are right. */
export function faultOf(code: unknown, message: unknown, details: unknown): string | undefined {
  if (!(codes as readonly unknown[]).includes(code)) return fault('code', code, 'one of the codes');
  if (typeof message !== 'string') return fault('message', message, 'a string');
  const notPlain = faultOfDetails(details);
  if (notPlain !== undefined) return notPlain;
  try {
    return faultWithin(details as object);
  } catch {
    // A getter, or a proxy.
    return 'ChoragusError: details cannot be read';
  }
}

/** Describes what is wrong with the details as a whole; returns undefined for a plain object. */
export function faultOfDetails(details: unknown): string | undefined {
  try {
    if (isPlainObject(details)) return undefined;
  } catch {
    return 'ChoragusError: details cannot be read';
  }
  return fault('details', details, 'an object');
}

function faultWithin(details: object): string | undefined {
  for (const [name, value] of Object.entries(details)) {
    if (!Object.hasOwn(known, name)) return `ChoragusError: details.${name.slice(0, 40)} is not a detail of an error`;
    const [isRight, takes] = known[name] as readonly [Test, string];
    if (value !== undefined && !isRight(value)) return fault(name, value, takes);
  }
  return undefined;
}

function isTimings(value: unknown): boolean {
  try {
    const times = value as Readonly<Record<string, unknown>> | null;
    return ['queuedMs', 'connectMs', 'serviceMs', 'totalMs'].every((name) => typeof times?.[name] === 'number');
  } catch {
    return false;
  }
}

function fault(name: string, value: unknown, takes: string): string {
  return `ChoragusError: ${name} is ${describeValue(value)}: use ${takes}`;
}
