/**
 * Copies an object's own fields, reading each once, so that what is checked is what is used. The copy has no prototype: `__proto__` is a
 * field like any other.
 *
 * @throws What a getter or a proxy throws.
 */
export function fieldsOf(value: object): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(value)) fields[name] = (value as Readonly<Record<string, unknown>>)[name];
  return fields;
}
