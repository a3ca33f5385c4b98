import type { Dialect, Route } from './dialect.js';

/** A route that a path leads to. */
export interface Found {
  readonly dialect: Dialect;
  readonly route: Route;
  /** The values of the parts that begin with a colon. */
  readonly params: Readonly<Record<string, string>>;
}

/** What a path leads to: a route; the methods that it takes, if the request has another one; or nothing. */
export type Lookup = Found | { readonly takes: readonly string[]; readonly dialect: Dialect } | undefined;

interface Entry {
  readonly dialect: Dialect;
  readonly route: Route;
  /** The parts of the path. */
  readonly parts: readonly string[];
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});

/** Finds the route of a request. */
export class Router {
  /** Routes without parts that vary: one lookup finds them. */
  readonly #fixed = new Map<string, Entry[]>();
  readonly #varying: Entry[] = [];

  constructor(dialects: readonly Dialect[]) {
    for (const dialect of dialects) {
      for (const route of dialect.routes()) this.#add({ dialect, route, parts: route.path.split('/') });
    }
  }

  #add(entry: Entry): void {
    const { path } = entry.route;
    if (path.includes('/:')) this.#varying.push(entry);
    else this.#fixed.set(path, [...(this.#fixed.get(path) ?? []), entry]);
  }

  find(method: string, path: string): Lookup {
    const fixed = this.#fixed.get(path);
    if (fixed !== undefined) {
      const entry = fixed.find(({ route }) => takes(route, method));
      if (entry !== undefined) return { dialect: entry.dialect, route: entry.route, params: NO_PARAMS };
    }
    const parts = path.split('/');
    const all = [...(fixed ?? []), ...this.#varying.filter((entry) => matches(entry.parts, parts))];
    const entry = all.find(({ route }) => takes(route, method));
    if (entry !== undefined) {
      return { dialect: entry.dialect, route: entry.route, params: paramsOf(entry.parts, parts) };
    }
    const [first] = all;
    return first === undefined ? undefined : { dialect: first.dialect, takes: all.map(({ route }) => route.method) };
  }
}

function takes(route: Route, method: string): boolean {
  return route.method === method || (route.method === 'GET' && method === 'HEAD');
}

function matches(pattern: readonly string[], parts: readonly string[]): boolean {
  return (
    pattern.length === parts.length &&
    pattern.every((part, index) => (part.startsWith(':') ? parts[index] !== '' : part === parts[index]))
  );
}

function paramsOf(pattern: readonly string[], parts: readonly string[]): Readonly<Record<string, string>> {
  const params: Record<string, string> = Object.create(null);
  for (const [index, part] of pattern.entries()) {
    if (part.startsWith(':')) params[part.slice(1)] = decoded(parts[index] as string);
  }
  return params;
}

/** Returns the text of a part; unchanged if its escapes are invalid, which no name has. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
