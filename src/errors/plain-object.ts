/**
 * Returns whether a value is an object such as `{}` and `Object.create(null)` make, in any realm. A `Map`, a list or an
 * instance of a class can hold more than its own fields, which a copy would lose.
 *
 * @throws Whatever a proxy throws.
 */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  // Another realm (an iframe, a `vm` context) has its own Object.prototype.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'hasOwnProperty');
}
