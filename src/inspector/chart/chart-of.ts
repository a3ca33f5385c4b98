import type { AnyStateMachine } from 'xstate';
import type { ChartEdge, ChartNode } from '../feed/records.js';

/** Limits on the states of one chart and on their nesting, because a definition can come from outside. The reader skips the rest. */
const MOST_STATES = 2_000;
const DEEPEST = 20;

type Json = Readonly<Record<string, unknown>>;

/** Returns the chart of a machine, read from its own definition. */
export function chartOf({ config }: AnyStateMachine): ChartNode {
  return new DefinitionReader(config as Json).chart();
}

/**
 * Returns the chart of a definition from outside: the argument of `createMachine`, as an object or as JSON text. Skips malformed parts.
 * Returns undefined if the definition is not a machine.
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
  /** The path of each state that has an id, by that id. */
  readonly #paths = new Map<string, string>();
  #states = 0;

  constructor(config: Json) {
    this.#config = config;
    this.#rootId = textOf(config.id) ?? 'machine';
    this.#noteIds(config, '', 0);
  }

  chart(): ChartNode {
    return { ...this.#node(this.#config, this.#rootId, '', 0), id: this.#rootId };
  }

  #noteIds(config: Json, path: string, depth: number): void {
    const id = textOf(config.id) ?? (path === '' ? this.#rootId : undefined);
    if (id !== undefined) this.#paths.set(id, path);
    if (depth >= DEEPEST) return;
    for (const [key, child] of entriesOf(config.states)) this.#noteIds(child, joined(path, key), depth + 1);
  }

  #node(config: Json, key: string, parent: string, depth: number): ChartNode {
    const path = depth === 0 ? '' : joined(parent, key);
    const children = depth >= DEEPEST ? [] : entriesOf(config.states);
    const states: ChartNode[] = [];
    for (const [name, child] of children) {
      this.#states += 1;
      if (this.#states > MOST_STATES) break;
      states.push(this.#node(child, name, path, depth + 1));
    }
    const description = textOf(config.description);
    const initial = textOf(config.initial);
    return {
      key,
      id: path,
      type: typeOf(config, states.length),
      ...(description === undefined ? {} : { description }),
      tags: listOf(config.tags).flatMap((tag) => textOf(tag) ?? []),
      ...(initial === undefined ? {} : { initial }),
      invokes: listOf(config.invoke)
        .filter(isObject)
        .flatMap((one) => invokedId(one) ?? []),
      entry: listOf(config.entry).flatMap(nameOf),
      exit: listOf(config.exit).flatMap(nameOf),
      states,
      edges: this.#edges(config, path, parent),
    };
  }

  #edges(config: Json, path: string, parent: string): ChartEdge[] {
    const of = (kind: ChartEdge['kind'], event: string, given: unknown, delay?: string): ChartEdge[] =>
      listOf(given).map((one) => {
        const transition = isObject(one) ? one : { target: one };
        const targets = listOf(transition.target).flatMap((target) => this.#target(target, path, parent));
        return { ...edgeOf(kind, event, transition, delay), source: path === '' ? this.#rootId : path, targets };
      });
    const events = isObject(config.on) ? Object.entries(config.on) : [];
    const delays = isObject(config.after) ? Object.entries(config.after) : [];
    const invoked = listOf(config.invoke).filter(isObject);
    return [
      ...events.flatMap(([event, given]) => {
        // xstate sends this event when an invoked actor fails.
        const failed = /^xstate\.error\.actor\.(.+)$/.exec(event)?.[1];
        return failed === undefined ? of('event', event, given) : of('error', `error ${failed}`, given);
      }),
      ...delays.flatMap(([delay, given]) => of('after', `after ${delay}`, given, delay)),
      ...of('always', 'always', config.always),
      ...of('done', `done ${joined(this.#rootId, path)}`, config.onDone),
      ...invoked.flatMap((one) => of('done', `done ${invokedId(one) ?? ''}`, one.onDone)),
      ...invoked.flatMap((one) => of('error', `error ${invokedId(one) ?? ''}`, one.onError)),
    ];
  }

  /** Resolves `sibling`, `.child`, `#id` and `#id.child`, as xstate does. */
  #target(target: unknown, path: string, parent: string): string[] {
    const text = textOf(target);
    if (text === undefined) return [];
    if (text.startsWith('.')) return [joined(path, text.slice(1))];
    if (!text.startsWith('#')) return [joined(parent, text)];
    const [id = '', ...rest] = text.slice(1).split('.');
    const base = this.#paths.get(id);
    return base === undefined ? [] : [joined(base, rest.join('.'))];
  }
}

function edgeOf(
  kind: ChartEdge['kind'],
  event: string,
  transition: Json,
  delay: string | undefined,
): Omit<ChartEdge, 'source' | 'targets'> {
  const [guard] = nameOf(transition.guard ?? transition.cond);
  const description = textOf(transition.description);
  return {
    event,
    kind,
    ...(guard === undefined ? {} : { guard }),
    ...(delay === undefined ? {} : { delay }),
    actions: listOf(transition.actions).flatMap(nameOf),
    ...(description === undefined ? {} : { description }),
  };
}

function invokedId({ id, src }: Json): string | undefined {
  return textOf(id) ?? textOf(src);
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

/** Returns the name of an action or a guard; none for a function without a name. In JSON, a function is `{ "type": name }`. */
function nameOf(named: unknown): string[] {
  const { type, name } = Object(named ?? {}) as { readonly type?: unknown; readonly name?: unknown };
  const found = textOf(named) ?? textOf(type) ?? (typeof named === 'function' ? textOf(name) : undefined);
  return found === undefined ? [] : [found];
}
