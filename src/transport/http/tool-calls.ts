import type { ToolCallPiece } from '../../contract/index.js';
import { isJsonObject } from '../../protocol/frame-codec.js';
import { recordIn, textIn } from './fields.js';

/** A tool call as far as it has come. */
interface Draft {
  id: string | undefined;
  name: string;
  text: string;
}

/** A piece of a tool call: which it belongs to, and what it adds to the arguments. */
export interface ToolPiece {
  readonly call: ToolCallPiece;
  readonly text: string;
}

/**
 * Puts tool calls together from their pieces, as servers send them: by `index`; without one, an `id` that is new begins another call, and so
 * does a whole call under the index of another.
 */
export class ToolCalls {
  readonly #drafts: Draft[] = [];
  /** The call of each index of the server's. */
  readonly #byIndex = new Map<unknown, Draft>();

  get isEmpty(): boolean {
    return this.#named.length === 0;
  }

  /** A call that names no tool and has no arguments is none. */
  get #named(): readonly Draft[] {
    return this.#drafts.filter(({ name, text }) => name !== '' || text !== '');
  }

  /** Takes the server's piece of a call; undefined for what is none. */
  add(said: unknown): ToolPiece | undefined {
    if (!isJsonObject(said)) return undefined;
    const described = isJsonObject(said.function) ? recordIn(said, 'function') : said;
    const id = textIn(said, 'id') || undefined;
    const name = textIn(described, 'name') ?? '';
    const text = argumentsOf(described.arguments);
    const draft = this.#draftOf(said.index ?? described.index, id, name);
    draft.id ??= id;
    if (draft.name === '') draft.name = name;
    draft.text += text;
    const call = { index: this.#drafts.indexOf(draft), ...(draft.id === undefined ? {} : { id: draft.id }) };
    return { call: draft.name === '' ? call : { ...call, name: draft.name }, text };
  }

  /** The calls, as a frame says them. */
  frames(): readonly object[] {
    return this.#named.map(({ id, name, text }) => ({ id, name, arguments: text }));
  }

  #draftOf(index: unknown, id: string | undefined, name: string): Draft {
    const known = index === undefined || index === null ? this.#ofId(id, name) : this.#byIndex.get(index);
    if (known !== undefined && !isAnother(known, id, name)) return known;
    const draft: Draft = { id, name: '', text: '' };
    this.#drafts.push(draft);
    this.#byIndex.set(index ?? draft, draft);
    return draft;
  }

  /** Without an index: the call of that id; what names no tool goes on with the last one. */
  #ofId(id: string | undefined, name: string): Draft | undefined {
    if (id !== undefined) return this.#drafts.find((draft) => draft.id === id);
    return name === '' ? this.#drafts.at(-1) : undefined;
  }
}

/** Some servers give all calls the index 0: each has an id of its own then, or names its tool when the call before it is whole. */
function isAnother(known: Draft, id: string | undefined, name: string): boolean {
  if (known.id !== undefined && id !== undefined) return id !== known.id;
  return known.name !== '' && name !== '' && isWhole(known.text);
}

function isWhole(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

/** Arguments are JSON text; Ollama and some others send the object itself. */
function argumentsOf(said: unknown): string {
  if (typeof said === 'string') return said;
  return said === undefined || said === null ? '' : JSON.stringify(said);
}
