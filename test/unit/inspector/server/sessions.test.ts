import { describe, expect, test } from 'vitest';
import { IDLE_MS, MOST_SESSIONS, Sessions } from '../../../../src/inspector/server/sessions.js';

/** Sessions on virtual time. */
function virtual() {
  let now = 1_000;
  const sessions = new Sessions(() => now);
  const advance = (ms: number): void => {
    now += ms;
  };
  /** Starts a session, and adds a stream to it. */
  const streaming = (onEnd = (): void => {}) => {
    const id = sessions.start(true);
    const session = sessions.find(id);
    if (session === undefined) throw new Error('the new session is missing');
    return { id, session, close: sessions.hold(session, onEnd) };
  };
  return { sessions, advance, streaming };
}

describe('a session without use', () => {
  test('ends after 12 hours', () => {
    const { sessions, advance } = virtual();
    const id = sessions.start(true);
    advance(IDLE_MS);
    expect(sessions.find(id)).toBeUndefined();
    expect(sessions.size).toBe(0);
  });

  test('goes on for 12 hours from each use', () => {
    const { sessions, advance } = virtual();
    const [used, unused] = [sessions.start(true), sessions.start(true)];
    for (let count = 0; count < 5; count += 1) {
      advance(IDLE_MS - 1);
      expect(sessions.find(used)).toBeDefined();
    }
    expect(sessions.find(unused)).toBeUndefined();
  });

  test('goes on while its event stream is open, and for 12 hours from the end of the last one', () => {
    const { sessions, advance, streaming } = virtual();
    const { id, session, close } = streaming();
    const closeOther = sessions.hold(session, () => {});
    advance(10 * IDLE_MS);
    close();
    advance(10 * IDLE_MS);
    expect(sessions.size).toBe(1);
    closeOther();
    advance(IDLE_MS - 1);
    expect(sessions.size).toBe(1);
    advance(1);
    expect(sessions.find(id)).toBeUndefined();
  });
});

describe('too many sessions', () => {
  test('the least recently used one without a stream makes room', () => {
    const { sessions, streaming } = virtual();
    const watching = streaming();
    const [oldest = '', next = ''] = Array.from({ length: MOST_SESSIONS - 1 }, () => sessions.start(true));
    sessions.find(oldest);
    sessions.start(true);
    expect([watching.id, oldest, next].map((id) => sessions.find(id) !== undefined)).toEqual([true, true, false]);
    expect(sessions.size).toBe(MOST_SESSIONS);
  });

  test('if all have streams, the least recently used one ends with its stream', () => {
    const { sessions, streaming } = virtual();
    const ended: number[] = [];
    for (let index = 0; index < MOST_SESSIONS; index += 1) streaming(() => ended.push(index));
    sessions.start(true);
    expect(ended).toEqual([0]);
  });
});
