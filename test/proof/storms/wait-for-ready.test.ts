import { describe, expect, test } from 'vitest';
import type { Frame, Reply } from '../../../src/index.js';
import type { MemoryPeer } from '../../../src/testing/index.js';
import { probeReply, questionsOf } from '../../support/probes.js';
import { type MemoryScript, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { type Watched, watch } from '../../support/watch.js';

const stage = useVirtualStage();

const REQUESTS = 1_500;
const MAX_WAITING = 1_000;
const MAX_CONNECTIONS = 4;
const MAX_IN_FLIGHT = 256;
const ANSWER_MS = 5;

/** A CI that takes time to answer; the maximum outstanding on one of its links, and the maximum of open links. */
function slowCi(correlation: 'ordered' | 'byId') {
  const outstanding = new Map<MemoryPeer, number>();
  const seen = { most: 0, mostOpen: 0 };
  const change = (peer: MemoryPeer, by: number): void => {
    const count = (outstanding.get(peer) ?? 0) + by;
    outstanding.set(peer, count);
    seen.most = Math.max(seen.most, count);
  };
  const answer = ({ content, request_id }: Frame, peer: MemoryPeer): void => {
    change(peer, -1);
    peer.send({ type: 'chat_response', content, ...(correlation === 'byId' ? { request_id } : {}) });
  };
  const later = (then: () => void): unknown => stage.clock.setTimeout(then, ANSWER_MS, 'background');
  const queues = new Map<MemoryPeer, Frame[]>();
  /** One line after the other, as its order requires. */
  const work = (queue: Frame[], peer: MemoryPeer): void => {
    const [request] = queue;
    if (request === undefined) return;
    const goOn = (): void => {
      queue.shift();
      if (request.type === 'chat') answer(request, peer);
      else peer.send(probeReply(request));
      work(queue, peer);
    };
    if (request.type === 'chat') later(goOn);
    else goOn();
  };
  const script: MemoryScript = (request, peer) => {
    if (request.type === 'chat') change(peer, 1);
    if (correlation === 'byId') {
      if (request.type === 'ping') peer.send({ type: 'pong' });
      else later(() => answer(request, peer));
      return;
    }
    const queue = queues.get(peer) ?? [];
    queues.set(peer, queue);
    queue.push(request);
    if (queue.length === 1) work(queue, peer);
  };
  const ci = stage.ci('apollo', script, () => {
    seen.mostOpen = Math.max(seen.mostOpen, ci.open);
  });
  return { ci, seen };
}

/** A herd before a CI that is down: as many as may wait do, the rest was rejected. */
async function herd(correlation: 'ordered' | 'byId', deadlineOf: (i: number) => number) {
  const { ci, seen } = slowCi(correlation);
  ci.leave();
  const pool = stage.pool({ cis: { apollo: ci.url }, maxWaiting: MAX_WAITING, reconnectDelayMs: 100 });
  const down = watch(pool.ask('apollo', 'first'));
  await settled();
  expect(down.outcome).toBe('unavailable not_sent connect');
  const asked: Watched<Reply>[] = [];
  for (let i = 0; i < REQUESTS; i += 1) {
    asked.push(watch(pool.ask('apollo', `q${i}`, { waitForReady: true, deadlineMs: deadlineOf(i) })));
  }
  const turnedAway = asked.slice(MAX_WAITING);
  expect(turnedAway.every(({ outcome }) => outcome === 'overloaded not_sent queue')).toBe(true);
  expect(pool.snapshot().totals.waiting).toBe(MAX_WAITING);
  return { ci, seen, pool, asked, waited: asked.slice(0, MAX_WAITING) };
}

describe.each([
  // Without ids it is examined first, and links on trial carry one request each: as many as serve may be closing at one moment.
  { correlation: 'ordered', mostOnALink: 1, mostOpen: 2 * MAX_CONNECTIONS, mostLinks: 2 * MAX_CONNECTIONS + 3 },
  { correlation: 'byId', mostOnALink: MAX_IN_FLIGHT, mostOpen: MAX_CONNECTIONS, mostLinks: MAX_CONNECTIONS },
] as const)(
  'a thundering herd that waits for a $correlation CI',
  ({ correlation, mostOnALink, mostOpen, mostLinks }) => {
    test('is served when it comes back: limited, in order, each answered once with its own reply', async () => {
      const { ci, seen, pool, asked, waited } = await herd(correlation, () => 60_000);
      await stage.advance(2_000, 50);
      expect([ci.peers.length, pool.snapshot().totals.waiting]).toEqual([0, MAX_WAITING]);
      ci.comeBack();
      await stage.advance(10_000, ANSWER_MS);

      expect(waited.map(({ values, ends }) => [values.length, values[0]?.content, ends])).toEqual(
        waited.map((_, i) => [1, `q${i}`, 1]),
      );
      expect(asked.every(({ ends }) => ends === 1)).toBe(true);
      // The backoff belonged to the CI: it is dialled, and others open beside it only once it is up.
      expect(seen.mostOpen).toBeLessThanOrEqual(mostOpen);
      expect(ci.peers.length).toBeLessThanOrEqual(mostLinks);
      expect(seen.most).toBeLessThanOrEqual(mostOnALink);
      // First come, first served; links answer beside each other, so arrivals follow the order of the calls.
      expect(questionsOf(ci.received)).toEqual(waited.map((_, i) => `q${i}`));
      const { totals } = pool.snapshot();
      expect([totals.inFlight, totals.waiting, stage.clock.pendingKeepAlive]).toEqual([0, 0, 0]);
    });

    test('and is partly cancelled before: those requests never reach it, and all others are answered', async () => {
      const { ci, pool, waited } = await herd(correlation, (i) => (i % 2 === 0 ? 1_000 : 60_000));
      for (const [i, { subscription }] of waited.entries()) if (i % 5 === 1) subscription.unsubscribe();
      await stage.advance(2_000, 50);
      ci.comeBack();
      await stage.advance(10_000, ANSWER_MS);

      const isPatient = (_: unknown, i: number): boolean => i % 2 === 1 && i % 5 !== 1;
      const patient = waited.filter(isPatient);
      expect(patient.every(({ outcome, ends }) => outcome === 'reply' && ends === 1)).toBe(true);
      expect(questionsOf(ci.received)).toEqual(waited.map((_, i) => `q${i}`).filter(isPatient));
      const hasty = waited.filter((_, i) => i % 2 === 0 && i % 5 !== 1);
      expect(hasty.every(({ outcome, ends }) => outcome === 'deadline_exceeded not_sent connect' && ends === 1)).toBe(
        true,
      );
      expect(waited.filter((_, i) => i % 5 === 1).every(({ ends }) => ends === 0)).toBe(true);
      expect(pool.snapshot().totals.waiting).toBe(0);
    });

    test('and meets a link that breaks: sent requests fail once, waiting ones are answered over the next link', async () => {
      const { ci, asked, waited } = await herd(correlation, () => 60_000);
      ci.comeBack();
      while (questionsOf(ci.received).length < 40) await stage.advance(1);
      const sent = new Set(questionsOf(ci.received));
      for (const peer of ci.peers) peer.fail();
      await stage.advance(20_000, ANSWER_MS);
      for (const [i, { outcome, ends, values }] of waited.entries()) {
        expect(ends).toBe(1);
        if (outcome === 'reply') expect(values[0]?.content).toBe(`q${i}`);
        else expect([outcome, sent.has(`q${i}`)]).toEqual(['connection_lost maybe_sent total', true]);
      }
      expect(asked.every(({ ends }) => ends === 1)).toBe(true);
      expect(new Set(questionsOf(ci.received)).size).toBe(questionsOf(ci.received).length);
      expect(questionsOf(ci.received).length).toBe(MAX_WAITING);
    });
  },
);
