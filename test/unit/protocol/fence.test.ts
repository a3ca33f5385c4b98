import { describe, expect, test } from 'vitest';
import { Fence, type Held, isProbeType, Probe, type ProbeType, probeTypes } from '../../../src/protocol/fence.js';

const answers: Readonly<Record<ProbeType, string>> = {
  ping: 'pong',
  health: 'health_response',
  info: 'info_response',
};

function held(number: number): Held {
  return { number, frame: { type: 'chat_response' }, kind: 'reply', line: undefined, fault: undefined };
}

describe('Probe', () => {
  test.each(probeTypes)('%s is written as a line without an id', (type) => {
    const probe = new Probe(type, 1);
    expect(probe.isWritten).toBe(false);
    expect(probe.commit()).toBe(`{"type":"${type}"}`);
    expect(probe.isWritten).toBe(true);
  });

  test.each(probeTypes)('%s is answered by its own type, and by no other', (type) => {
    const probe = new Probe(type, 1);
    probe.commit();
    for (const other of probeTypes) expect(probe.isAnsweredBy({ type: answers[other] })).toBe(other === type);
    for (const frame of [{}, { type: 'error' }, { type: 'chat_response' }, { type: type }]) {
      expect(probe.isAnsweredBy(frame)).toBe(false);
    }
  });

  test('an unwritten probe has no answer', () => {
    expect(new Probe('ping', 1).isAnsweredBy({ type: 'pong' })).toBe(false);
  });

  test('is not written once it is no longer needed, and has no answer then', () => {
    const probe = new Probe('ping', 1);
    probe.forgo();
    expect(probe.commit()).toBe('');
    expect(probe.isAnsweredBy({ type: 'pong' })).toBe(false);
  });

  test.each([
    ['ping', true],
    ['health', true],
    ['info', true],
    ['chat', false],
    ['', false],
    ['toString', false],
  ])("whether %j is a probe's type: %s", (type, isOne) => {
    expect(isProbeType(type)).toBe(isOne);
  });
});

describe('Fence', () => {
  test('is open until a probe is under way, and again when all are answered', () => {
    const fence = new Fence();
    expect([fence.isOpen, fence.depth, fence.next]).toEqual([true, 0, undefined]);
    const [first, second] = [new Probe('ping', 1), new Probe('health', 2)];
    fence.push(first);
    fence.push(second);
    expect([fence.isOpen, fence.depth, fence.next]).toEqual([false, 2, first]);
    fence.shift();
    expect([fence.isOpen, fence.depth, fence.next]).toEqual([false, 1, second]);
    fence.shift();
    expect(fence.isOpen).toBe(true);
  });

  test('is not open while it holds an answer', () => {
    const fence = new Fence();
    fence.held = held(1);
    expect(fence.isOpen).toBe(false);
    expect(fence.release()).toEqual(held(1));
    expect([fence.isOpen, fence.release()]).toEqual([true, undefined]);
  });

  test('forgets extra lines together with the held answer', () => {
    const fence = new Fence();
    fence.held = held(1);
    fence.extra = 1;
    fence.isDoubtful = true;
    fence.release();
    expect([fence.extra, fence.isDoubtful]).toEqual([0, false]);
  });

  test('knows which request each probe follows', () => {
    const fence = new Fence();
    fence.push(new Probe('ping', 1));
    fence.push(new Probe('health', 3));
    expect([1, 2, 3].map((number) => fence.isBehind(number))).toEqual([true, false, true]);
  });

  test('removes the probe of a request that is taken back, and no other', () => {
    const fence = new Fence();
    const probes = [1, 2, 3].map((number) => new Probe('ping', number));
    for (const probe of probes) fence.push(probe);
    fence.withdraw(2);
    fence.withdraw(4);
    expect(probes.map((probe) => probe.commit())).toEqual(['{"type":"ping"}', '', '{"type":"ping"}']);
    expect([1, 2, 3].map((number) => fence.isBehind(number))).toEqual([true, false, true]);
  });

  test('removes the answered probe at any position', () => {
    const fence = new Fence();
    const probes = probeTypes.map((type, index) => new Probe(type, index + 1));
    for (const probe of probes) {
      probe.commit();
      fence.push(probe);
    }
    expect([fence.take({ type: 'chat_response' }), fence.depth]).toEqual([false, 3]);
    expect([fence.take({ type: 'health_response' }), fence.take({ type: 'health_response' })]).toEqual([true, false]);
    expect([1, 2, 3].map((number) => fence.isBehind(number))).toEqual([true, false, true]);
  });

  test('can forget everything at once', () => {
    const fence = new Fence();
    fence.push(new Probe('ping', 1));
    fence.held = held(1);
    fence.extra = 1;
    fence.clear();
    expect([fence.isOpen, fence.depth, fence.extra]).toEqual([true, 0, 0]);
  });
});
