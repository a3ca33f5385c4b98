import { describe, expect, test } from 'vitest';
import { answers, useVirtualStage } from '../../support/virtual-stage.js';
import { watch } from '../../support/watch.js';

describe('a CI that is added again while its predecessor of the same name drains', () => {
  const stage = useVirtualStage();

  // Connections are found by their names: the two CIs must not share any.
  test('can dial again after the predecessor is gone', async () => {
    const hanging = stage.ci('old');
    const ci = stage.ci('new', answers);
    const pool = stage.pool({ cis: { apollo: hanging.url } });
    const first = watch(pool.ask('apollo', 'first', { deadlineMs: 200 }));
    await stage.advance(1);
    const removing = pool.remove('apollo');
    pool.add('apollo', ci.url);
    const second = watch(pool.ask('apollo', 'second'));
    await stage.advance(300);
    await removing;
    expect([first.outcome, second.outcome]).toEqual(['deadline_exceeded maybe_sent total', 'reply']);
    ci.peers[0]?.fail();
    await stage.advance(1);
    const third = watch(pool.ask('apollo', 'third', { waitForReady: true }));
    await stage.advance(20_000);
    expect(third.outcome).toBe('reply');
  });
});
