/** Whether a value is right for an argument. A kind that throws means no. */
export type Kind = (value: unknown) => boolean;

export const either =
  (...kinds: readonly Kind[]): Kind =>
  (value) =>
    kinds.some((kind) => kind(value));

/** The argument may be left out. */
export const optional = (...kinds: readonly Kind[]): Kind => either(nothing, ...kinds);

export const nothing: Kind = (value) => value === undefined;
export const none: Kind = () => false;
export const flag: Kind = (value) => typeof value === 'boolean';
export const anyText: Kind = (value) => typeof value === 'string';
export const someText: Kind = (value) => typeof value === 'string' && value !== '';
export const anyFunction: Kind = (value) => typeof value === 'function';
export const textLike =
  (pattern: RegExp): Kind =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
export const number =
  (least: number, most = Number.POSITIVE_INFINITY): Kind =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most;
export const whole =
  (least: number, most = Number.POSITIVE_INFINITY): Kind =>
  (value) =>
    Number.isInteger(value) && number(least, most)(value);
/** The longest time of a timer. */
const longest = 2_147_483_647;
export const ms = number(1, longest);
export const msOrNone = number(0, longest);
/** Above 0. */
export const time: Kind = (value) => typeof value === 'number' && value > 0 && value <= longest;

/** A plain object with any fields that can be read. */
export const record: Kind = (value) => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return false;
  for (const [,] of Object.entries(value));
  return true;
};
export const emptyRecord: Kind = (value) => record(value) && Object.keys(value as object).length === 0;
export const emptyList: Kind = (value) => Array.isArray(value) && value.length === 0;
export const bytes: Kind = (value) => value instanceof Uint8Array;

/** Checks a kind with a value that may throw when it is read. */
export function isRight(kind: Kind, value: unknown): boolean {
  try {
    return kind(value);
  } catch {
    return false;
  }
}
