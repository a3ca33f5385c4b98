import { types } from 'node:util';
import { isSecret, REDACTED, type Redact } from './redact.js';

/** Deepest level that is shown. */
export const DEEPEST = 8;
/** Most entries of one object or array. */
export const MOST_ENTRIES = 100;
/** Longest text, in characters. */
export const LONGEST_TEXT = 1_000;
/** Longest key, in characters. */
const LONGEST_KEY = 200;
/** Most characters of the whole content, as JSON. */
export const MOST_CHARACTERS = 8_192;
/** Space for the mark of the last cut. */
const MARK_CHARACTERS = 64;

type Path = readonly (string | number)[];

/**
 * Returns a copy of an event's fields or of a context that is safe to keep and to send as JSON: without secrets, and of
 * bounded size. Runs no getter and no `toJSON`, and does not touch proxies. Marks what it cuts: `… (12 more characters)`.
 */
export function boundedContent(content: unknown, of: 'event' | 'context', redact?: Redact): unknown {
  return new Copier(redact).copy(content, [of], 0);
}

class Copier {
  readonly #redact: Redact | undefined;
  /** The objects that contain the current value, for cycles. */
  readonly #parents = new Set<object>();
  #left = MOST_CHARACTERS - MARK_CHARACTERS;

  constructor(redact: Redact | undefined) {
    this.#redact = redact;
  }

  copy(given: unknown, path: Path, depth: number): unknown {
    const last = path.at(-1);
    if (typeof last === 'string' && path.length > 1 && isSecret(last)) return this.#spend(REDACTED);
    const value = this.#redacted(given, path);
    if (typeof value === 'string') return this.#text(value);
    if (typeof value !== 'object' || value === null) return this.#spend(plain(value));
    const name = types.isProxy(value) ? '[proxy]' : nameOf(value);
    if (name !== undefined) return this.#spend(name);
    if (this.#parents.has(value)) return this.#spend('[circular]');
    if (depth >= DEEPEST) return this.#spend(Array.isArray(value) ? '[array, too deep]' : '[object, too deep]');
    this.#parents.add(value);
    const copied = this.#copyAll(value, path, depth);
    this.#parents.delete(value);
    return copied;
  }

  #redacted(value: unknown, path: Path): unknown {
    if (this.#redact === undefined) return value;
    try {
      return this.#redact(value, path);
    } catch {
      return '[redact failed]';
    }
  }

  #copyAll(value: object, path: Path, depth: number): unknown {
    if (Array.isArray(value)) return this.#list(value.length, (at) => read(value, String(at)), path, depth);
    if (types.isSet(value)) {
      const items = firstOf(Set.prototype.values.call(value));
      return this.#list(value.size, (at) => items[at], path, depth);
    }
    if (types.isMap(value)) {
      const entries = firstOf(Map.prototype.entries.call(value) as Iterator<[unknown, unknown]>);
      return this.#fields(
        entries.map(([key, item]): [string, () => unknown] => [keyText(key), () => item]),
        value.size,
        path,
        depth,
      );
    }
    const keys = Object.keys(value);
    return this.#fields(
      keys.slice(0, MOST_ENTRIES + 1).map((key): [string, () => unknown] => [key, () => read(value, key)]),
      keys.length,
      path,
      depth,
    );
  }

  #list(length: number, item: (at: number) => unknown, path: Path, depth: number): unknown[] {
    const items: unknown[] = [];
    this.#left -= 2;
    for (let at = 0; at < length; at += 1) {
      if (at >= MOST_ENTRIES || this.#left <= 0) {
        items.push(`… (${length - at} more)`);
        break;
      }
      // In an array, JSON has no way to leave a value out.
      items.push(this.copy(item(at), [...path, at], depth + 1) ?? null);
    }
    return items;
  }

  #fields(entries: readonly (readonly [string, () => unknown])[], size: number, path: Path, depth: number): object {
    const fields: [string, unknown][] = [];
    this.#left -= 2;
    for (const [at, [key, value]] of entries.entries()) {
      if (at >= MOST_ENTRIES || this.#left <= 0) {
        fields.push(['…', `${size - at} more`]);
        break;
      }
      this.#left -= Math.min(key.length, LONGEST_KEY) + 4;
      const copied = this.copy(value(), [...path, key], depth + 1);
      if (copied !== undefined) fields.push([cut(key, LONGEST_KEY), copied]);
    }
    // Not by assignment: the key could be `__proto__`.
    return Object.fromEntries(fields);
  }

  #text(text: string): string {
    const shown = cut(text, Math.max(0, Math.min(LONGEST_TEXT, this.#left)));
    this.#spend(shown);
    return shown;
  }

  #spend<T>(value: T): T {
    this.#left -= (typeof value === 'string' ? JSON.stringify(value).length : String(value).length) + 1;
    return value;
  }
}

/** Reads a field without running a getter. */
function read(value: object, key: string): unknown {
  const field = Object.getOwnPropertyDescriptor(value, key);
  return field === undefined || 'value' in field ? field?.value : '[getter]';
}

/** Returns a name for an object whose fields are not data; undefined for plain objects, arrays, maps and sets. */
function nameOf(value: object): string | undefined {
  if (Array.isArray(value) || types.isSet(value) || types.isMap(value)) return undefined;
  if (types.isDate(value)) return dateText(value);
  if (types.isNativeError(value)) return `[error: ${cut(String(read(value, 'message') ?? ''), LONGEST_TEXT)}]`;
  if (types.isPromise(value)) return '[promise]';
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return undefined;
  // An object of another realm, such as a `vm` context.
  if (Object.getPrototypeOf(prototype) === null && !types.isProxy(prototype)) return undefined;
  const made = types.isProxy(prototype) ? undefined : read(prototype as object, 'constructor');
  const name = typeof made === 'function' && !types.isProxy(made) ? read(made, 'name') : undefined;
  return `[${typeof name === 'string' && name !== '' ? cut(name, LONGEST_KEY) : 'object'}]`;
}

function dateText(date: Date): string {
  const time = Date.prototype.getTime.call(date);
  return Number.isNaN(time) ? '[invalid date]' : new Date(time).toISOString();
}

/** Returns JSON's own values as they are, and a text for all others. */
function plain(value: unknown): unknown {
  switch (typeof value) {
    case 'bigint':
      return cut(`${value}n`, LONGEST_TEXT);
    case 'symbol':
      return '[symbol]';
    case 'function':
      return '[function]';
    case 'number':
      return Number.isFinite(value) ? value : `[${value}]`;
    default:
      return value;
  }
}

function keyText(key: unknown): string {
  return typeof key === 'object' && key !== null ? '[object]' : String(key);
}

/** Returns the first items, and one more to show that there are more. */
function firstOf<T>(items: Iterator<T>): T[] {
  const first: T[] = [];
  for (let next = items.next(); next.done !== true && first.length <= MOST_ENTRIES; next = items.next()) {
    first.push(next.value);
  }
  return first;
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length - longest} more characters)`;
}
