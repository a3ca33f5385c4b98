import type { ToolCallPiece } from '../../contract/index.js';
import { isJsonObject } from '../../protocol/frame-codec.js';
import { recordIn, textIn } from './fields.js';

/** A tool call so far. */
interface Draft {
  id: string | undefined;
  name: string;
  text: string;
}

/** A part of a tool call: which call it belongs to, and what it adds to the arguments. */
export interface ToolPiece {
  readonly call: ToolCallPiece;
  readonly text: string;
}

/**
 * Joins tool calls from the parts that servers send. Parts belong together by `index`; without one, a new `id` begins
 * another call. So does a whole call with an index that is in use.
 */
export class ToolCalls {
  readonly #drafts: Draft[] = [];
  /** The call of each index. */
  readonly #byIndex = new Map<unknown, Draft>();

  get isEmpty(): boolean {
    return this.#named.length === 0;
  }

  /** Returns the calls that have a name or arguments. */
  get #named(): readonly Draft[] {
    return this.#drafts.filter(({ name, text }) => name !== '' || text !== '');
  }

  /** Adds the server's part of a call; returns undefined if it is not one. */
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

  /** Returns the calls in the form of a frame. */
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

  /** Finds the call of a part without an index: the one with that id, or the last one if the part has no name. */
  #ofId(id: string | undefined, name: string): Draft | undefined {
    if (id !== undefined) return this.#drafts.find((draft) => draft.id === id);
    return name === '' ? this.#drafts.at(-1) : undefined;
  }
}

/**
 * Returns whether a part begins another call. Some servers give all calls the index 0: then each has its own id, or has
 * a name and comes after a whole call.
 */
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

/** Returns arguments as JSON text. Ollama and some others send an object. */
function argumentsOf(said: unknown): string {
  if (typeof said === 'string') return said;
  return said === undefined || said === null ? '' : JSON.stringify(said);
}
