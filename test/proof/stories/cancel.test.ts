import { getEventListeners } from 'node:events';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/index.js';
import { faults, type ScriptedCi } from '../../../src/testing/index.js';
import { until, useStage } from '../../support/stage.js';
import { settled, useVirtualStage } from '../../support/virtual-stage.js';
import { failureOf, watch } from '../../support/watch.js';
import { getReady } from './known-ci.js';

const contentsOf = (ci: ScriptedCi) => ci.received.map(({ message }) => message.content);
const listenersOf = ({ signal }: AbortController) => getEventListeners(signal, 'abort').length;
const describeEnd = (outcome: Outcome) => (outcome.ok ? 'reply' : failureOf(outcome.error));

describe('an AbortSignal', () => {
  const stage = useStage();

  test('aborted before the request: nothing is sent, and nothing is dialled', async () => {
    const ci = await stage.scripted(faults.replies());
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const controller = new AbortController();
    controller.abort();
    const asked = watch(pool.ask('apollo', 'hello', { signal: controller.signal }));
    expect([asked.outcome, asked.ends]).toEqual(['cancelled not_sent undefined', 1]);
    expect(listenersOf(controller)).toBe(0);
    expect(pool.snapshot().totals.connections).toBe(0);
  });

  test('aborted during the connect: not sent; another request is', async () => {
    const ci = await stage.scripted(faults.replies());
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1 });
    const controller = new AbortController();
    const given = watch(pool.ask('apollo', 'given up', { signal: controller.signal }));
    const kept = watch(pool.ask('apollo', 'kept'));
    expect(listenersOf(controller)).toBe(1);
    controller.abort(new Error('no longer wanted'));
    expect(given.error).toMatchObject({ code: 'cancelled', delivery: 'not_sent' });
    expect(given.error?.cause).toBe(controller.signal.reason);
    expect(await kept.ended).toBe('reply');
    expect(contentsOf(ci)).toEqual(['kept']);
    expect(listenersOf(controller)).toBe(0);
  });

  test('aborted while it waits for a slot: not sent', async () => {
    const late = faults.late('ordered');
    const ci = await stage.scripted(late);
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1 });
    const front = watch(pool.ask('apollo', 'in front'));
    const controller = new AbortController();
    const given = watch(pool.ask('apollo', 'given up', { signal: controller.signal }));
    const behind = watch(pool.ask('apollo', 'behind'));
    await ci.nextRequest();
    controller.abort();
    expect(given.error).toMatchObject({ code: 'cancelled', delivery: 'not_sent' });
    ci.onRequest(faults.repliesInOrder());
    late.release();
    expect(await Promise.all([front.ended, behind.ended])).toEqual(['reply', 'reply']);
    expect(contentsOf(ci)).toEqual(['in front', 'behind']);
  });

  test('aborted in the tick in which it was placed: not sent', async () => {
    const ci = await stage.scripted(faults.replies());
    const pool = stage.pool({ cis: { apollo: ci.url } });
    await getReady(pool);
    const before = contentsOf(ci);
    const controller = new AbortController();
    const given = watch(pool.ask('apollo', 'given up', { signal: controller.signal }));
    expect(pool.snapshot().totals.inFlight).toBe(1);
    controller.abort();
    expect(given.outcome).toBe('cancelled not_sent total');
    expect(await watch(pool.ask('apollo', 'behind')).ended).toBe('reply');
    expect(contentsOf(ci)).toEqual([...before, 'behind']);
  });

  test('and the phase says when', async () => {
    const ci = await stage.scripted(faults.hangs());
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1 });
    const [connecting, waiting] = [new AbortController(), new AbortController()];
    const first = watch(pool.ask('apollo', 'first', { signal: connecting.signal }));
    connecting.abort();
    watch(pool.ask('apollo', 'in front'));
    await ci.nextRequest();
    const second = watch(pool.ask('apollo', 'second', { signal: waiting.signal }));
    waiting.abort();
    expect([first.outcome, second.outcome]).toEqual(['cancelled not_sent connect', 'cancelled not_sent queue']);
  });

  test('aborted after it was sent: maybe sent, and the late reply is dropped', async () => {
    const late = faults.late();
    const ci = await stage.scripted(late);
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const controller = new AbortController();
    const given = watch(pool.ask('apollo', 'given up', { signal: controller.signal }));
    await ci.nextRequest();
    controller.abort();
    expect(given.outcome).toBe('cancelled maybe_sent total');
    late.release();
    await until(() => pool.snapshot().totals.metrics.lateReplies === 1);
    expect([given.ends, given.values, listenersOf(controller)]).toEqual([1, [], 0]);
  });

  test('aborted in the middle of a stream: the error has the text so far', async () => {
    const ci = await stage.scripted((request) => request.chunk('one'));
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const controller = new AbortController();
    const { signal } = controller;
    const stream = watch(pool.stream('apollo', 'count', { signal }), () => controller.abort());
    expect(await stream.ended).toBe('cancelled maybe_sent idle');
    expect([stream.error?.partial, stream.ends, listenersOf(controller)]).toEqual(['one', 1, 0]);
  });

  test('aborted after the end: no effect', async () => {
    const ci = await stage.scripted(faults.replies());
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const controller = new AbortController();
    const { signal } = controller;
    const replied = watch(pool.ask('apollo', 'hello', { signal }));
    await replied.ended;
    const failed = watch(pool.ask('nobody', 'hello', { signal }));
    const unsubscribed = watch(pool.ask('apollo', 'given up', { signal }));
    unsubscribed.subscription.unsubscribe();
    expect(listenersOf(controller)).toBe(0);
    controller.abort();
    expect([replied, failed, unsubscribed].map(({ ends }) => ends)).toEqual([1, 1, 0]);
    expect([replied.outcome, failed.error?.code]).toEqual(['reply', 'unknown_ci']);
  });

  test('of one of a hundred requests cancels only that one', async () => {
    const late = faults.late();
    const ci = await stage.scripted(faults.replies());
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1 });
    await watch(pool.ask('apollo', 'warm up')).ended;
    ci.onRequest(late);
    const controllers = Array.from({ length: 100 }, () => new AbortController());
    const asked = controllers.map(({ signal }, i) => watch(pool.ask('apollo', `q${i}`, { signal })));
    await until(() => late.held.length === 100);
    for (let i = 0; i < 100; i += 2) controllers[i]?.abort();
    late.release();
    await Promise.all(asked.map(({ ended }) => ended));
    const expected = asked.map((_, i) => (i % 2 === 0 ? 'cancelled maybe_sent total' : 'reply'));
    expect(asked.map(({ outcome }) => outcome)).toEqual(expected);
    expect(asked.flatMap(({ values }) => values.map(({ content }) => content))).toEqual(
      asked.map((_, i) => `q${i}`).filter((_, i) => i % 2 === 1),
    );
    expect(controllers.map(listenersOf).every((count) => count === 0)).toBe(true);
  });
});

describe('one signal for a broadcast to 50 CIs', () => {
  const stage = useVirtualStage();

  test('cancels all unfinished requests, causes no warning, and keeps no listener', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const cis: Record<string, string> = {};
    for (let i = 0; i < 50; i += 1) {
      const { url } = stage.ci(`ci${i}`, ({ request_id }, peer) => {
        if (i < 10) peer.send({ type: 'chat_response', content: 'done', request_id });
      });
      cis[`ci${i}`] = url;
    }
    const pool = stage.pool({ cis });
    const controller = new AbortController();
    const outcomes = lastValueFrom(pool.broadcast('hello', { signal: controller.signal }).pipe(toArray()));
    expect(listenersOf(controller)).toBe(1);
    await settled();
    expect(listenersOf(controller)).toBe(1);
    controller.abort();
    const expected = [...Array(10).fill('reply'), ...Array(40).fill('cancelled maybe_sent total')];
    expect((await outcomes).map(describeEnd)).toEqual(expected);
    expect(listenersOf(controller)).toBe(0);
    await settled();
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});
