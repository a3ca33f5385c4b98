import { expect, test } from 'vitest';
import { ChoragusError } from '../../../src/index.js';
import { faultsOf } from './account.js';
import type { Sent } from './load.js';

/** A successful request; `changes` make it fail. */
function sent(changes: Partial<Sent> = {}): Sent {
  const base = { ci: 'apollo', kind: 'ask', content: 'q', startedMs: 0, deadlineMs: 100, texts: ['re q'] } as const;
  return { ...base, texts: [...base.texts], ends: 1, endedMs: 5, error: undefined, isGivenUp: false, ...changes };
}

const failed = (code: 'unavailable' | 'connection_lost' | 'protocol_error', delivery: 'not_sent' | 'maybe_sent') =>
  sent({ texts: [], error: new ChoragusError(code, 'why', { ci: 'apollo', delivery }) });
const judge = (one: Sent, executed: readonly string[]): number =>
  faultsOf([one], new Map([['apollo', executed]])).length;

test('a consistent account has no fault', () => {
  expect(judge(sent(), ['q'])).toBe(0);
  expect(judge(sent({ kind: 'stream', texts: ['q:0 ', 'q:1 ', 'q:2 '] }), ['q'])).toBe(0);
  expect(judge(failed('connection_lost', 'maybe_sent'), ['q'])).toBe(0);
  expect(judge(failed('connection_lost', 'maybe_sent'), [])).toBe(0);
  expect(judge(failed('unavailable', 'not_sent'), [])).toBe(0);
  expect(judge(sent({ texts: [], ends: 0, isGivenUp: true }), ['q'])).toBe(0);
});

test.each<[string, Sent, readonly string[]]>([
  ['was executed twice', failed('connection_lost', 'maybe_sent'), ['q', 'q']],
  ['was answered, and not executed', sent(), []],
  ['received the answer of another request', sent({ texts: ['re r'] }), ['q']],
  ['was called not sent, and the CI saw it', failed('unavailable', 'not_sent'), ['q']],
  ['failed without an explanation', failed('protocol_error', 'maybe_sent'), ['q']],
  ['never ended', sent({ texts: [], ends: 0 }), []],
  ['ended twice', sent({ ends: 2 }), ['q']],
  ['ended long after its deadline', sent({ endedMs: 10_000 }), ['q']],
  ['completed without all of its stream', sent({ kind: 'stream', texts: ['q:0 '] }), ['q']],
  ['had its chunks in the wrong order', sent({ kind: 'stream', texts: ['q:1 ', 'q:0 ', 'q:2 '] }), ['q']],
])('a request that %s is a fault', (_, one, executed) => {
  expect(judge(one, executed)).toBeGreaterThan(0);
});

test('a CI that executed an unsent request is a fault', () => {
  expect(faultsOf([sent()], new Map([['apollo', ['q', 'r']]])).length).toBe(1);
  expect(faultsOf([sent()], new Map([['athena', ['q']]])).length).toBeGreaterThan(0);
});
