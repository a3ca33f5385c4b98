/** One member of the outermost object of a line. */
export interface Member {
  readonly key: string;
  /** Index where its key begins. */
  readonly at: number;
  readonly valueAt: number;
  /** Index after the end of its value. */
  readonly end: number;
}

const SPACE = /[ \t\r\n]/;

/**
 * Finds the members of a line's outermost object without parsing values, so NaN, numbers of any size and any depth of nesting are fine.
 * It is written only for the tests: a fault of the library's own reader cannot hide in it.
 */
export function membersOf(line: string): Member[] {
  const members: Member[] = [];
  let at = skipSpace(line, line.indexOf('{') + 1);
  while (line[at] === '"') {
    const keyEnd = endOfString(line, at);
    const valueAt = skipSpace(line, line.indexOf(':', keyEnd) + 1);
    const end = endOfValue(line, valueAt);
    members.push({ key: JSON.parse(line.slice(at, keyEnd)), at, valueAt, end });
    const next = skipSpace(line, end);
    if (line[next] !== ',') break;
    at = skipSpace(line, next + 1);
  }
  return members;
}

/** Returns the raw text of a line's `request_id`: the last one, if there are several; `undefined` without one. */
export function rawIdOf(line: string): string | undefined {
  const last = idsOf(line).at(-1);
  return last === undefined ? undefined : line.slice(last.valueAt, last.end);
}

/** Returns the line with another raw text as its id: in the `last` member of that name, or in `all`. */
export function withRawId(line: string, id: string, which: 'last' | 'all' = 'last'): string {
  const members = which === 'last' ? idsOf(line).slice(-1) : idsOf(line).reverse();
  return members.reduce((text, { valueAt, end }) => text.slice(0, valueAt) + id + text.slice(end), line);
}

/** Whether `longer` is `line` plus one `request_id` member in its outermost object, and nothing else. */
export function isWithId(longer: string, line: string): boolean {
  const ids = idsOf(longer);
  if (ids.length !== idsOf(line).length + 1) return false;
  return ids.some(({ at, end }) => {
    // The comma, and any white space beside it, may belong to the member or to its neighbour.
    for (let from = at; from >= 0 && (from === at || /[\s,]/.test(longer[from] as string)); from -= 1) {
      for (let to = end; to === end || /[\s,]/.test(longer[to - 1] as string); to += 1) {
        if (to > longer.length) break;
        if (longer.length - (to - from) !== line.length) continue;
        if (longer.slice(0, from) + longer.slice(to) === line) return true;
      }
    }
    return false;
  });
}

function idsOf(line: string): Member[] {
  return membersOf(line).filter(({ key }) => key === 'request_id');
}

function skipSpace(line: string, from: number): number {
  let at = from;
  while (at < line.length && SPACE.test(line[at] as string)) at += 1;
  return at;
}

function endOfString(line: string, from: number): number {
  let at = from + 1;
  while (at < line.length && line[at] !== '"') at += line[at] === '\\' ? 2 : 1;
  return at + 1;
}

function endOfValue(line: string, from: number): number {
  let at = from;
  let depth = 0;
  while (at < line.length) {
    const character = line[at] as string;
    if (character === '"') at = endOfString(line, at);
    else if ('[{'.includes(character)) {
      depth += 1;
      at += 1;
    } else if (']},'.includes(character) && depth === 0) return at;
    else if (depth === 0 && SPACE.test(character)) return at;
    else {
      if (']}'.includes(character)) depth -= 1;
      at += 1;
    }
    if (depth === 0 && '"]}'.includes(line[at - 1] as string)) return at;
  }
  return at;
}
