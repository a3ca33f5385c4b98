import type { Frame } from '../contract/index.js';

/** Where something stands in a line: from `start` up to `end`, which is behind it. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** A member of an object: its name, its value, and all of it. */
interface Member extends Span {
  readonly name: string;
  readonly value: Span;
}

/** The member that says which request a line belongs to. */
const ID = 'request_id';

/**
 * A JSON object as the line that it came in, whose `request_id` can be read and changed while all else stays as it is, byte for
 * byte: numbers that no double holds, escapes, the order of the members, and what is no JSON at all, such as Python's `NaN`.
 *
 * Reads brackets and strings alone. Duplicates count as one: all are changed, and the last one is read, as `JSON.parse` does.
 *
 * @example
 * ```ts
 * const line = RawLine.read('{"n": 1e400, "request_id": 7}');
 * line?.id; // '7'
 * line?.withId('"a.1"'); // '{"n": 1e400, "request_id": "a.1"}'
 * line?.withoutId(); // '{"n": 1e400}'
 * ```
 */
export class RawLine {
  readonly text: string;
  readonly #ids: readonly Member[];
  /** Where the brace stands that closes the object. */
  readonly #close: number;
  readonly #isEmpty: boolean;

  private constructor(text: string, members: Members) {
    this.text = text;
    this.#ids = members.ids;
    this.#close = members.close;
    this.#isEmpty = members.count === 0;
  }

  /** `undefined` for what is not one JSON object, as far as brackets and strings tell. */
  static read(text: string): RawLine | undefined {
    const members = readMembers(text);
    return members === undefined ? undefined : new RawLine(text, members);
  }

  /** The id as it is written, quotes and all; `undefined` without one. */
  get id(): string | undefined {
    const value = this.#ids.at(-1)?.value;
    return value === undefined ? undefined : this.text.slice(value.start, value.end);
  }

  /** The line with this id, as JSON text, in place of its own; as the last member, where it has none. */
  withId(id: string): string {
    if (this.#ids.length === 0) {
      const comma = this.#isEmpty ? '' : ',';
      return `${this.text.slice(0, this.#close)}${comma}"${ID}":${id}${this.text.slice(this.#close)}`;
    }
    let line = '';
    let from = 0;
    for (const { value } of this.#ids) {
      line += this.text.slice(from, value.start) + id;
      from = value.end;
    }
    return line + this.text.slice(from);
  }

  /** The line without its id, and without the comma that it needed. */
  withoutId(): string {
    const id = this.#ids.at(-1);
    if (id === undefined) return this.text;
    const { start, end } = withItsComma(this.text, id);
    const rest = this.text.slice(0, start) + this.text.slice(end);
    return this.#ids.length === 1 ? rest : (RawLine.read(rest)?.withoutId() ?? rest);
  }
}

/** Whether an id, as it is written, names a request: one that is null names none. */
export function isName(id: string | undefined): id is string {
  return id !== undefined && id !== 'null';
}

/** Whether a text is one JSON object from its first brace to its last, as far as brackets and strings tell. */
export function isWholeObject(text: string): boolean {
  return readMembers(text) !== undefined;
}

interface Members {
  readonly ids: Member[];
  readonly close: number;
  readonly count: number;
}

function readMembers(text: string): Members | undefined {
  const open = skipSpace(text, 0);
  if (text[open] !== '{') return undefined;
  const ids: Member[] = [];
  let count = 0;
  let at = skipSpace(text, open + 1);
  while (text[at] !== '}' || count > 0) {
    const member = readMember(text, at);
    if (member === undefined) return undefined;
    count += 1;
    if (member.name === ID) ids.push(member);
    at = skipSpace(text, member.end);
    if (text[at] === '}') break;
    if (text[at] !== ',') return undefined;
    at = skipSpace(text, at + 1);
  }
  return skipSpace(text, at + 1) === text.length ? { ids, close: at, count } : undefined;
}

function readMember(text: string, start: number): Member | undefined {
  if (text[start] !== '"') return undefined;
  const afterName = skipString(text, start);
  const colon = skipSpace(text, afterName);
  if (text[colon] !== ':') return undefined;
  const valueStart = skipSpace(text, colon + 1);
  const end = skipValue(text, valueStart);
  if (end === valueStart) return undefined;
  return { name: nameOf(text, start, afterName), start, end, value: { start: valueStart, end } };
}

/** A name may be spelled with escapes. */
function nameOf(text: string, start: number, end: number): string {
  const name = text.slice(start + 1, end - 1);
  if (!name.includes('\\')) return name;
  try {
    return JSON.parse(text.slice(start, end)) as string;
  } catch {
    return name;
  }
}

/** Where the value that begins here ends; `start` itself where none begins. */
function skipValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return skipString(text, start);
  if (first === '{' || first === '[') return skipNested(text, start);
  return start + (/^[^\s,:{}[\]"]*/.exec(text.slice(start, start + MAX_TOKEN))?.[0].length ?? 0);
}

/** No number that anybody writes is longer. */
const MAX_TOKEN = 65_536;

function skipNested(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') at = skipString(text, at) - 1;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return start;
}

/** Where the string that begins here ends; the line's end where nothing ends it. */
function skipString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote + 1;
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text[before] === '\\') before -= 1;
  return (at - 1 - before) % 2 === 1;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}

/** The member and one comma: the one behind it with the space after it, or, where it is the last, the one before it. */
function withItsComma(text: string, { start, end }: Span): Span {
  const behind = skipSpace(text, end);
  if (text[behind] === ',') return { start, end: skipSpace(text, behind + 1) };
  const before = text.slice(0, start).trimEnd();
  return { start: before.endsWith(',') ? before.length - 1 : start, end };
}

/** Writes a frame as a line, with an id as its client wrote it, quotes and all; `undefined` for none. The frame has no id of its own. */
export function lineWithId(frame: Frame, id: string | undefined): string {
  const json = JSON.stringify(frame);
  return id === undefined ? json : `${json.slice(0, -1)},"request_id":${id}}`;
}

/** A number that JSON has not, where it stands. */
export interface NonFinite {
  readonly token: string;
  /** In characters, from 0. */
  readonly position: number;
}

/** A string, which is left alone, or such a number. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * A text with `null` in place of `NaN`, `Infinity` and `-Infinity`, which Python's `json.dumps` writes and JSON has not (RFC 8259, section
 * 6), and the first of them; none where there is none.
 */
export function withoutNonFinite(text: string): { readonly json: string; readonly first: NonFinite | undefined } {
  let first: NonFinite | undefined;
  const json = text.replace(STRING_OR_NUMBER, (token, position: number) => {
    if (token.startsWith('"')) return token;
    first ??= { token, position };
    return 'null';
  });
  return { json, first };
}
