import type { CiRow, PastTransition } from '../../../feed/records.js';
import type { Model } from '../../model.js';

/** Describes the CI that the URL names, as far as the page knows it. */
export type Chosen =
  /** The URL names none. */
  | { readonly is: 'none' }
  /** The whole state has not arrived yet. */
  | { readonly is: 'awaited'; readonly name: string }
  /** The pool has no such CI. */
  | { readonly is: 'unknown'; readonly name: string }
  | KnownChoice;

/** A CI that is part of the pool, or the last known state of one that was removed. */
export interface KnownChoice {
  readonly is: 'there' | 'removed';
  readonly ci: CiRow;
  /** The last transitions of its connections, oldest first. */
  readonly pasts: Pasts;
  /** The time of the state; for a removed CI, of its removal. */
  readonly at: number;
}

/** Past transitions by connection. */
export type Pasts = ReadonlyMap<string, readonly PastTransition[]>;

type Source = Pick<Model, 'cis' | 'histories' | 'isReady' | 'at' | 'hello'>;

const NONE: Chosen = { is: 'none' };

/** Follows the chosen CI, and keeps its last state: the model forgets a removed CI. */
export class ChosenCi {
  #chosen: Chosen = NONE;
  /** The process to which the kept state belongs. */
  #instance: string | undefined;

  /** Returns the CI of this name. Returns the same object if nothing has changed. */
  look(name: string, model: Source): Chosen {
    this.#chosen = this.#next(name, model);
    return this.#chosen;
  }

  #next(name: string, model: Source): Chosen {
    if (name === '') return NONE;
    const ci = model.cis.get(name);
    const before = this.#before(name, model);
    if (ci !== undefined) {
      this.#instance = model.hello?.instance;
      const pasts = pastsOf(ci, model.histories);
      const isSame = before?.is === 'there' && before.ci === ci && isEqual(before.pasts, pasts);
      return isSame ? before : { is: 'there', ci, pasts, at: model.at };
    }
    if (before?.is === 'removed') return before;
    if (before !== undefined && model.isReady) return { ...before, is: 'removed', at: model.at };
    return { is: model.isReady ? 'unknown' : 'awaited', name };
  }

  /** Returns the kept state if it is this CI's, of this process and of an earlier time: a recording can be set back. */
  #before(name: string, { at, hello }: Source): KnownChoice | undefined {
    const kept = this.#chosen;
    if (kept.is !== 'there' && kept.is !== 'removed') return undefined;
    return kept.ci.ci === name && kept.at <= at && this.#instance === hello?.instance ? kept : undefined;
  }
}

function pastsOf({ connections }: CiRow, histories: Pasts): Pasts {
  return new Map(connections.map(({ connection }) => [connection, histories.get(connection) ?? []]));
}

function isEqual(one: Pasts, other: Pasts): boolean {
  if (one.size !== other.size) return false;
  for (const [name, past] of one) if (other.get(name) !== past) return false;
  return true;
}
