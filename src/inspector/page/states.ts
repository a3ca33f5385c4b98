import type { CiStatus } from '../../contract/index.js';

/** A state of a connection, or `quarantined` for a CI. */
export type State = CiStatus['state'];

/** The states, in the order of a connection's life. Each has a letter for users who cannot distinguish the colours. */
export const states: readonly { readonly state: State; readonly letter: string; readonly about: string }[] = [
  { state: 'idle', letter: 'I', about: 'no socket, and none needed' },
  { state: 'connecting', letter: 'C', about: 'dialling' },
  { state: 'healthy', letter: 'H', about: 'linked, and answers arrive' },
  { state: 'degraded', letter: 'D', about: 'linked, but suspect' },
  { state: 'retiring', letter: 'T', about: 'accepts no more requests; closes after those in flight' },
  { state: 'reconnecting', letter: 'R', about: 'lost; waiting out the backoff' },
  { state: 'closed', letter: 'X', about: 'drained, removed or retired' },
  { state: 'quarantined', letter: 'Q', about: 'refuses requests: it crashed too often' },
];

const letters: ReadonlyMap<State, string> = new Map(states.map(({ state, letter }) => [state, letter]));

export function letterOf(state: State): string {
  return letters.get(state) ?? '?';
}

/** Returns the sort position of a state: the worst comes first. */
export function urgencyOf(state: State): number {
  return urgency.indexOf(state);
}

const urgency: readonly State[] = [
  'quarantined',
  'reconnecting',
  'degraded',
  'connecting',
  'retiring',
  'closed',
  'idle',
  'healthy',
];
