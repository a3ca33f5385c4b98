import { describe, expect, test } from 'vitest';
import { faults, type ScriptedCi } from '../../../src/testing/index.js';
import { until, useStage } from '../../support/stage.js';
import { answers, type MemoryScript, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { watch } from '../../support/watch.js';

describe('a peer that stops reading', () => {
  const stage = useStage();
  const contentsOf = (ci: ScriptedCi) => ci.received.map(({ message }) => String(message.content).slice(0, 8));
  /** The buffers of the system cannot hold this much times `maxInFlight`. */
  const padding = 'x'.repeat(60_000);
  const limits = { maxConnections: 1, maxInFlight: 1_000 };

  /** A pool whose only connection is echoing, and whose peer has just stopped reading. */
  async function stalled() {
    const ci = await stage.scripted(faults.replies(({ message }) => String(message.content).slice(0, 8)));
    const pool = stage.pool({ cis: { apollo: { url: ci.url, ...limits } } });
    await watch(pool.ask('apollo', 'warm up!')).ended;
    ci.connections[0]?.pause();
    const nameOf = (i: number) => `q${String(i).padStart(7, '0')}`;
    /** Sends until the socket is full and a request has to wait. */
    const fill = async (signal?: AbortSignal) => {
      const asked: ReturnType<typeof watch<{ content: string }>>[] = [];
      for (let i = 0; pool.snapshot().totals.waiting < 20; i += 1) {
        if (i > 900) throw new Error('the socket took everything');
        asked.push(watch(pool.ask('apollo', nameOf(i) + padding, { signal })));
        await new Promise((resolve) => setImmediate(resolve));
      }
      return asked;
    };
    return { ci, pool, fill, nameOf };
  }

  test('when it reads again, all requests are answered, each with its own reply', async () => {
    const { ci, pool, fill, nameOf } = await stalled();
    const asked = await fill();
    expect(pool.snapshot().totals.waiting).toBe(20);
    ci.connections[0]?.resume();
    await Promise.all(asked.map(({ ended }) => ended));
    expect(asked.map(({ values }) => values[0]?.content)).toEqual(asked.map((_, i) => nameOf(i)));
    expect(new Set(contentsOf(ci)).size).toBe(asked.length + 1);
    expect(ci.connections.length).toBe(1);
  });

  test('a request that was held back is never sent; a written one may have been read', async () => {
    const { ci, pool, fill, nameOf } = await stalled();
    const controller = new AbortController();
    const asked = await fill(controller.signal);
    controller.abort();
    const handedOver = asked.length - 20;
    const deliveries = asked.map((_, i) => (i < handedOver ? 'maybe_sent' : 'not_sent'));
    expect(asked.map(({ error }) => error?.delivery)).toEqual(deliveries);
    expect(pool.snapshot().totals).toMatchObject({ waiting: 0, inFlight: 0 });
    ci.connections[0]?.resume();
    const next = watch(pool.ask('apollo', 'next one', { deadlineMs: 8_000 }));
    expect(await next.ended).toBe('reply');
    const sent = asked.map((_, i) => nameOf(i)).slice(0, handedOver);
    expect(contentsOf(ci)).toEqual(['warm up!', ...sent, 'next one']);
    await until(() => pool.snapshot().totals.metrics.lateReplies === handedOver);
  });
});

describe('the requests held back are limited', () => {
  const stage = useVirtualStage();

  test('by maxWaiting: one more is rejected, and no socket is opened for it', async () => {
    const ci = stage.ci('apollo', answers);
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1, maxWaiting: 3 });
    watch(pool.ask('apollo', 'warm up'));
    await settled();
    ci.peers[0]?.setWritable(false);
    const asked = Array.from({ length: 5 }, (_, i) => watch(pool.ask('apollo', `q${i}`)));
    expect(asked.slice(3).map(({ outcome }) => outcome)).toEqual(Array(2).fill('overloaded not_sent queue'));
    expect(pool.snapshot().totals).toMatchObject({ waiting: 3, inFlight: 0, connections: 1 });
    ci.peers[0]?.setWritable(true);
    await settled();
    expect(asked.slice(0, 3).map(({ outcome }) => outcome)).toEqual(Array(3).fill('reply'));
    expect(ci.contents).toEqual(['warm up', 'q0', 'q1', 'q2']);
  });

  test('by maxInFlight: no more are written, even if the socket accepts more', async () => {
    let script: MemoryScript = answers;
    const ci = stage.ci('apollo', (request, peer) => script(request, peer));
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1, maxInFlight: 4, maxWaiting: 3 });
    watch(pool.ask('apollo', 'warm up'));
    await settled();
    script = () => {};
    const asked = Array.from({ length: 9 }, (_, i) => watch(pool.ask('apollo', `q${i}`)));
    await settled();
    expect(pool.snapshot().totals).toMatchObject({ inFlight: 4, waiting: 3 });
    expect(ci.contents).toEqual(['warm up', 'q0', 'q1', 'q2', 'q3']);
    expect(asked.slice(7).map(({ outcome }) => outcome)).toEqual(Array(2).fill('overloaded not_sent queue'));
  });

  test('a request that was placed and then held back is not sent, and is never written', async () => {
    const ci = stage.ci('apollo', answers);
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1 });
    watch(pool.ask('apollo', 'warm up'));
    await settled();
    const byDeadline = watch(pool.ask('apollo', 'too late', { deadlineMs: 100 }));
    const byUser = watch(pool.ask('apollo', 'given up'));
    const kept = watch(pool.ask('apollo', 'kept'));
    ci.peers[0]?.setWritable(false);
    await stage.advance(110);
    byUser.subscription.unsubscribe();
    expect(byDeadline.error).toMatchObject({ code: 'deadline_exceeded', delivery: 'not_sent' });
    ci.peers[0]?.setWritable(true);
    await settled();
    expect([kept.outcome, byUser.outcome]).toEqual(['reply', 'pending']);
    expect(ci.contents).toEqual(['warm up', 'kept']);
  });

  test('a request that was held back when the link was lost was not sent', async () => {
    const ci = stage.ci('apollo', answers);
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1 });
    watch(pool.ask('apollo', 'warm up'));
    await settled();
    const held = watch(pool.ask('apollo', 'held back'));
    ci.peers[0]?.setWritable(false);
    ci.peers[0]?.fail();
    await settled();
    expect(held.error).toMatchObject({ code: 'connection_lost', delivery: 'not_sent' });
    expect(ci.contents).toEqual(['warm up']);
  });

  test('another connection of the CI takes the requests of a stalled one', async () => {
    const ci = stage.ci('apollo', answers);
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 2 });
    watch(pool.ask('apollo', 'warm up'));
    await settled();
    ci.peers[0]?.setWritable(false);
    const asked = watch(pool.ask('apollo', 'hello'));
    await settled();
    expect([asked.outcome, ci.peers.length]).toEqual(['reply', 2]);
  });
});
