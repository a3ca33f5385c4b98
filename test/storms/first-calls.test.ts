import { describe, expect, test } from 'vitest';
import { useStage } from '../support/stage.js';
import { answers, type MemoryScript, settled, useVirtualStage } from '../support/virtual-stage.js';
import { watch } from '../support/watch.js';
import { watchDials } from './dial-watch.js';

const FIRST_CALLS = 64;
const contents = Array.from({ length: FIRST_CALLS }, (_, i) => `q${i}`);
const withoutIds: MemoryScript = ({ content }, peer) => peer.send({ type: 'chat_response', content });

describe('64 first calls at once, in virtual time', () => {
  const stage = useVirtualStage();

  test.each([
    { manner: 'echoing', script: answers, maxConnections: 4 },
    { manner: 'fifo', script: withoutIds, maxConnections: 4 },
    { manner: 'fifo', script: withoutIds, maxConnections: 1 },
  ])('to a $manner CI open $maxConnections connections at most, however slow the dial', async (options) => {
    const { script, maxConnections } = options;
    const ci = stage.ci('apollo', script);
    const wire = watchDials(stage.wire, stage.clock, { dialMs: 1_500 });
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections, transports: { memory: wire } });
    const asked = contents.map((content) => watch(pool.ask('apollo', content)));
    await settled();
    expect([wire.begun.length, wire.underWay]).toEqual([maxConnections, maxConnections]);
    await stage.advance(1_500, 100);
    expect(asked.map(({ values }) => values)).toMatchObject(contents.map((content) => [{ content }]));
    expect(ci.peers.length).toBe(maxConnections);
    expect([...ci.contents].sort()).toEqual([...contents].sort());
  });
});

describe('64 first calls at once, over TCP', () => {
  const stage = useStage();

  test.each(['echoing', 'fifo'] as const)('to a %s CI open no more sockets than maxConnections', async (manner) => {
    const served: string[] = [];
    const ci = await stage.serve({
      manner,
      handler: async ({ content }) => {
        served.push(content);
        await new Promise((resolve) => setImmediate(resolve));
        return `re ${content}`;
      },
    });
    const pool = stage.pool({ cis: { served: ci.url }, maxConnections: 4 });
    const asked = contents.map((content) => watch(pool.ask('served', content)));
    await Promise.all(asked.map(({ ended }) => ended));
    expect(asked.map(({ values }) => values)).toMatchObject(contents.map((content) => [{ content: `re ${content}` }]));
    expect(ci.totalConnections).toBeLessThanOrEqual(4);
    expect([...served].sort()).toEqual([...contents].sort());
    // The next ones open none.
    const again = contents.map((content) => watch(pool.ask('served', content)));
    await Promise.all(again.map(({ ended }) => ended));
    expect(again.every(({ outcome }) => outcome === 'reply')).toBe(true);
    expect(ci.totalConnections).toBeLessThanOrEqual(4);
  });
});
