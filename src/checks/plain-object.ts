/**
 * Whether a value is an object as `{}` and `Object.create(null)` make it: its own fields are all that it says. A `Map`, a list or an
 * instance of a class can hold more, which would be lost.
 *
 * @throws What a proxy throws.
 */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  // Another realm (an iframe, a `vm` context) has an Object.prototype of its own.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'hasOwnProperty');
}
