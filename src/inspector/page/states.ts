import type { CiStatus } from '../../contract/index.js';

/** A state of a connection, or of a CI that is given up on. */
export type State = CiStatus['state'];

/** In the order of their life. Each has a letter, since not everybody tells the colours apart. */
export const states: readonly { readonly state: State; readonly letter: string; readonly about: string }[] = [
  { state: 'idle', letter: 'I', about: 'no socket, and none wanted' },
  { state: 'connecting', letter: 'C', about: 'dialling' },
  { state: 'healthy', letter: 'H', about: 'linked; answers come' },
  { state: 'degraded', letter: 'D', about: 'linked, but suspect' },
  { state: 'retiring', letter: 'T', about: 'takes no more requests; closes when those under way are over' },
  { state: 'reconnecting', letter: 'R', about: 'lost; waiting out the backoff' },
  { state: 'closed', letter: 'X', about: 'drained, removed or retired' },
  { state: 'quarantined', letter: 'Q', about: 'given up on: it crashed too often' },
];

const letters: ReadonlyMap<State, string> = new Map(states.map(({ state, letter }) => [state, letter]));

export function letterOf(state: State): string {
  return letters.get(state) ?? '?';
}

/** How much a CI is to be looked at: the worst first. */
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
