import type { createPool } from '../../../../src/create-pool.js';
import type { createTektonClient } from '../../../../src/tekton/index.js';
import type { Case } from './cases.mjs';

/** What came of a case: of each call, and the chats that the peer was sent. */
export interface Seen {
  readonly outcomes: readonly unknown[];
  readonly sent: readonly unknown[];
}

/** A field in which Choragus differs from the original. */
export interface Difference {
  readonly field: string;
  readonly original: unknown;
  readonly ours: unknown;
}

export function readObserved(): Readonly<Record<string, Seen>>;
export function observe(one: Case, callAll: (calls: Case['calls']) => Promise<readonly unknown[]>): Promise<Seen>;
export function callOurs(
  library: { readonly createPool: typeof createPool; readonly createTektonClient: typeof createTektonClient },
  calls: Case['calls'],
): Promise<readonly unknown[]>;
export function differencesOf(one: Case, original: Seen, ours: Seen): readonly Difference[];
