import type { Frame } from '../contract/index.js';

/** A part of a line, from `start` to before `end`. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** A member of an object: the whole of it, its name and its value. */
interface Member extends Span {
  readonly name: string;
  readonly value: Span;
}

/** The name of the member that holds a line's id. */
const ID = 'request_id';

/**
 * Reads and changes the `request_id` of a JSON object, and keeps every other byte of its line: numbers that a double
 * cannot hold, escapes, the order of the members, and text that is not JSON, for example Python's `NaN`.
 *
 * It looks only at brackets and strings. If the id occurs twice, the last one is read, as `JSON.parse` does, and all
 * are changed.
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
  /** The position of the brace that closes the object. */
  readonly #close: number;
  readonly #isEmpty: boolean;

  private constructor(text: string, members: Members) {
    this.text = text;
    this.#ids = members.ids;
    this.#close = members.close;
    this.#isEmpty = members.count === 0;
  }

  /** Returns undefined if the text is not one JSON object, judged by brackets and strings. */
  static read(text: string): RawLine | undefined {
    const members = readMembers(text);
    return members === undefined ? undefined : new RawLine(text, members);
  }

  /** Returns the id as it is written, with its quotes; undefined if there is none. */
  get id(): string | undefined {
    const value = this.#ids.at(-1)?.value;
    return value === undefined ? undefined : this.text.slice(value.start, value.end);
  }

  /** Returns the line with this id, given as JSON text, in place of its own. Appends it if the line has none. */
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

  /** Returns the line without its id and the comma of it. */
  withoutId(): string {
    const id = this.#ids.at(-1);
    if (id === undefined) return this.text;
    const { start, end } = withItsComma(this.text, id);
    const rest = this.text.slice(0, start) + this.text.slice(end);
    return this.#ids.length === 1 ? rest : (RawLine.read(rest)?.withoutId() ?? rest);
  }
}

/** Returns whether an id, as it is written, names a request: null does not. */
export function isName(id: string | undefined): id is string {
  return id !== undefined && id !== 'null';
}

/** Returns whether a text is one JSON object, judged by brackets and strings. */
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

/** Decodes a name, which may contain escapes. */
function nameOf(text: string, start: number, end: number): string {
  const name = text.slice(start + 1, end - 1);
  if (!name.includes('\\')) return name;
  try {
    return JSON.parse(text.slice(start, end)) as string;
  } catch {
    return name;
  }
}

/** Returns the end of the value that begins here; `start` if none begins. */
function skipValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return skipString(text, start);
  if (first === '{' || first === '[') return skipNested(text, start);
  return start + (/^[^\s,:{}[\]"]*/.exec(text.slice(start, start + MAX_TOKEN))?.[0].length ?? 0);
}

/** The longest number or word that is read, in characters. */
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

/** Returns the end of the string that begins here; the line's end if it is not closed. */
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

/**
 * Extends a member by one comma: the one behind it with the space after it, or the one before it if the member is the
 * last.
 */
function withItsComma(text: string, { start, end }: Span): Span {
  const behind = skipSpace(text, end);
  if (text[behind] === ',') return { start, end: skipSpace(text, behind + 1) };
  const before = text.slice(0, start).trimEnd();
  return { start: before.endsWith(',') ? before.length - 1 : start, end };
}

/**
 * Returns a frame as a line, with the id as its client wrote it, quotes included; without one if it is undefined. The
 * frame must have no id.
 */
export function lineWithId(frame: Frame, id: string | undefined): string {
  const json = JSON.stringify(frame);
  return id === undefined ? json : `${json.slice(0, -1)},"request_id":${id}}`;
}

/** A number that JSON does not allow, and its position. */
export interface NonFinite {
  readonly token: string;
  /** In characters, from 0. */
  readonly position: number;
}

/** A string, which stays as it is, or a number that JSON does not allow. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * Returns a text with `null` in place of `NaN`, `Infinity` and `-Infinity`, and the first of them, if any. Python's
 * `json.dumps` writes them; JSON does not allow them (RFC 8259, section 6).
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
