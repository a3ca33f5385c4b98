import { describe, expect, test, vi } from 'vitest';
import { useVirtualStage } from '../../support/virtual-stage.js';
import { watch } from '../../support/watch.js';

describe('a connection that retires', () => {
  const stage = useVirtualStage();

  // The bug: `PendingRequest.fail` first leaves its session, which closes a retiring connection with nothing else in
  // flight, and then counts the failure there: `Connection.failed` sends `requests.failing` to a stopped actor, of which
  // xstate warns on the user's stderr.
  test('a connection gets no event after its end', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const ci = stage.ci('apollo');
    const options = { maxConnections: 1, pipelining: 2, lateReplyGraceMs: 50, degradeAfterFailures: 2 };
    const pool = stage.pool({ cis: { apollo: ci.url }, ...options });
    const first = watch(pool.ask('apollo', 'first', { deadlineMs: 20 }));
    const second = watch(pool.ask('apollo', 'second', { deadlineMs: 200 }));
    await stage.advance(300, 10);
    const calls = warned.mock.calls.length;
    warned.mockRestore();
    expect([first.outcome, second.outcome]).toEqual(Array(2).fill('deadline_exceeded maybe_sent total'));
    expect(calls).toBe(0);
  });
});
