import type { ChartEdge, ChartNode } from '../feed/records.js';

/** States of one chart, and the depth of its nesting: what is beyond is left out, since it came from outside. */
const MOST_STATES = 500;
const DEEPEST = 20;

type Json = Readonly<Record<string, unknown>>;

/**
 * The chart of a machine's configuration, as `@statelyai/inspect` sends it: JSON of what `createMachine` was given. `undefined` for
 * what is no machine; what is malformed in one is left out.
 */
export function chartOfDefinition(definition: unknown): ChartNode | undefined {
  const config = typeof definition === 'string' ? parsed(definition) : definition;
  if (!isObject(config) || !isObject(config.states)) return undefined;
  return new DefinitionReader(config).chart();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

class DefinitionReader {
  readonly #config: Json;
  readonly #rootId: string;
  /** Paths by the ids that states were given. */
  readonly #paths = new Map<string, string>();
  #states = 0;

  constructor(config: Json) {
    this.#config = config;
    this.#rootId = textOf(config.id) ?? 'machine';
    this.#noteIds(config, '', 0);
  }

  chart(): ChartNode {
    return { ...this.#node(this.#config, '', 0), key: this.#rootId, id: this.#rootId };
  }

  #noteIds(config: Json, path: string, depth: number): void {
    const id = textOf(config.id) ?? (path === '' ? this.#rootId : undefined);
    if (id !== undefined) this.#paths.set(id, path);
    if (depth >= DEEPEST) return;
    for (const [key, child] of entriesOf(config.states)) this.#noteIds(child, joined(path, key), depth + 1);
  }

  #node(config: Json, path: string, depth: number): ChartNode {
    const children = depth >= DEEPEST ? [] : entriesOf(config.states);
    const states: ChartNode[] = [];
    for (const [key, child] of children) {
      this.#states += 1;
      if (this.#states > MOST_STATES) break;
      states.push(this.#node(child, joined(path, key), depth + 1));
    }
    const description = textOf(config.description);
    const initial = textOf(config.initial);
    return {
      key: path.split('.').at(-1) ?? path,
      id: path,
      type: typeOf(config, states.length),
      ...(description === undefined ? {} : { description }),
      tags: listOf(config.tags).flatMap((tag) => textOf(tag) ?? []),
      ...(initial === undefined ? {} : { initial }),
      invokes: listOf(config.invoke).flatMap((one) => (isObject(one) ? (textOf(one.id) ?? textOf(one.src) ?? []) : [])),
      entry: listOf(config.entry).flatMap(nameOf),
      exit: listOf(config.exit).flatMap(nameOf),
      states,
      edges: this.#edges(config, path),
    };
  }

  #edges(config: Json, path: string): ChartEdge[] {
    const of = (kind: ChartEdge['kind'], event: string, given: unknown, delay?: string): ChartEdge[] =>
      listOf(given).map((one) => this.#edge(path, kind, event, one, delay));
    const events = isObject(config.on) ? Object.entries(config.on) : [];
    const delays = isObject(config.after) ? Object.entries(config.after) : [];
    const invoked = listOf(config.invoke).filter(isObject);
    return [
      ...events.flatMap(([event, given]) => of('event', event, given)),
      ...delays.flatMap(([delay, given]) => of('after', `after ${delay}`, given, delay)),
      ...of('always', 'always', config.always),
      ...of('done', 'done', config.onDone),
      ...invoked.flatMap((one) => of('done', `done ${textOf(one.id) ?? textOf(one.src) ?? ''}`, one.onDone)),
      ...invoked.flatMap((one) => of('error', `error ${textOf(one.id) ?? textOf(one.src) ?? ''}`, one.onError)),
    ];
  }

  #edge(path: string, kind: ChartEdge['kind'], event: string, given: unknown, delay: string | undefined): ChartEdge {
    const transition: Json = isObject(given) ? given : { target: given };
    const [guard] = nameOf(transition.guard ?? transition.cond);
    const description = textOf(transition.description);
    return {
      event,
      kind,
      source: path === '' ? this.#rootId : path,
      targets: listOf(transition.target).flatMap((target) => this.#target(target, path)),
      ...(guard === undefined ? {} : { guard }),
      ...(delay === undefined ? {} : { delay }),
      actions: listOf(transition.actions).flatMap(nameOf),
      ...(description === undefined ? {} : { description }),
    };
  }

  /** `sibling`, `.child`, `#id` or `#id.child`, as xstate reads them. */
  #target(target: unknown, path: string): string[] {
    const text = textOf(target);
    if (text === undefined) return [];
    if (text.startsWith('.')) return [joined(path, text.slice(1))];
    if (!text.startsWith('#')) return [joined(path.split('.').slice(0, -1).join('.'), text)];
    const [id = '', ...rest] = text.slice(1).split('.');
    const base = this.#paths.get(id);
    return base === undefined ? [] : [joined(base, rest.join('.'))];
  }
}

function typeOf(config: Json, states: number): ChartNode['type'] {
  const { type } = config;
  if (type === 'parallel' || type === 'final' || type === 'history') return type;
  return states > 0 ? 'compound' : 'atomic';
}

function joined(path: string, key: string): string {
  if (key === '') return path;
  return path === '' ? key : `${path}.${key}`;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entriesOf(value: unknown): [string, Json][] {
  return isObject(value) ? Object.entries(value).filter((entry): entry is [string, Json] => isObject(entry[1])) : [];
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Functions are sent as `{ "type": name }`. */
function nameOf(value: unknown): string[] {
  const name = textOf(value) ?? (isObject(value) ? textOf(value.type) : undefined);
  return name === undefined ? [] : [name];
}
