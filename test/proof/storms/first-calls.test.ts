import { describe, expect, test } from 'vitest';
import { isProbe, probeReply, questionsOf } from '../../support/probes.js';
import { useStage } from '../../support/stage.js';
import { answers, type MemoryScript, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { watch } from '../../support/watch.js';
import { watchDials } from './dial-watch.js';

const FIRST_CALLS = 64;
const MAX_CONNECTIONS = 4;
const DIAL_MS = 1_500;
/** Number of links with one request each until a CI without ids counts as serial. */
const TRIALS = 3;
/**
 * A CI without ids is examined after its first answer. During that, each open link closes after one answer; and then
 * those on trial. `turns` is how many links may follow one another in that time.
 */
const mostLinks = (correlation: string, maxConnections: number, turns: number): number =>
  correlation === 'byId' ? maxConnections : (turns + 1) * maxConnections + TRIALS;
/** An examination is three probes, one after the other: shorter than a dial in virtual time. */
const TURNS = 1;
/** On loopback a dial, a request and its proof take as long as a probe; and trials begin beside each other. */
const TCP_TURNS = 5;
const contents = Array.from({ length: FIRST_CALLS }, (_, i) => `q${i}`);
const withoutIds: MemoryScript = (request, peer) =>
  peer.send(isProbe(request) ? probeReply(request) : { type: 'chat_response', content: request.content });

describe('64 first calls at once, in virtual time', () => {
  const stage = useVirtualStage();

  test.each([
    { correlation: 'byId', script: answers, maxConnections: 4 },
    { correlation: 'ordered', script: withoutIds, maxConnections: 4 },
    { correlation: 'ordered', script: withoutIds, maxConnections: 1 },
  ])('to a $correlation CI open at most $maxConnections connections, even if the dial is slow', async (options) => {
    const { correlation, script, maxConnections } = options;
    let mostOpen = 0;
    const ci = stage.ci('apollo', script, () => {
      mostOpen = Math.max(mostOpen, ci.open);
    });
    const wire = watchDials(stage.wire, stage.clock, { dialMs: DIAL_MS });
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections, transports: { memory: wire } });
    const asked = contents.map((content) => watch(pool.ask('apollo', content)));
    await settled();
    expect([wire.begun.length, wire.underWay]).toEqual([maxConnections, maxConnections]);
    await stage.advance(DIAL_MS, 100);
    // Closing links wait for no other: each has answered its request.
    expect(asked.filter(({ outcome }) => outcome === 'reply').length).toBeGreaterThanOrEqual(maxConnections);
    await stage.advance((1 + TRIALS) * DIAL_MS, 100);
    expect(asked.map(({ values }) => values)).toMatchObject(contents.map((content) => [{ content }]));
    expect(ci.peers.length).toBeGreaterThanOrEqual(maxConnections);
    expect(ci.peers.length).toBeLessThanOrEqual(mostLinks(correlation, maxConnections, TURNS));
    // Beside those that serve, as many may be closing.
    expect(mostOpen).toBeLessThanOrEqual(correlation === 'byId' ? maxConnections : 2 * maxConnections);
    expect(wire.most).toBe(maxConnections);
    expect(questionsOf(ci.received).sort()).toEqual([...contents].sort());
  });
});

describe('64 first calls at once, over TCP', () => {
  const stage = useStage();

  test.each(['byId', 'ordered'] as const)('to a %s CI open few sockets, and then no more', async (correlation) => {
    const served: string[] = [];
    const ci = await stage.serve({
      correlation,
      handler: async ({ content }) => {
        served.push(content);
        await new Promise((resolve) => setImmediate(resolve));
        return `re ${content}`;
      },
    });
    const pool = stage.pool({ cis: { served: ci.url }, maxConnections: MAX_CONNECTIONS });
    const asked = contents.map((content) => watch(pool.ask('served', content)));
    await Promise.all(asked.map(({ ended }) => ended));
    expect(asked.map(({ values }) => values)).toMatchObject(contents.map((content) => [{ content: `re ${content}` }]));
    expect(ci.totalConnections).toBeLessThanOrEqual(mostLinks(correlation, MAX_CONNECTIONS, TCP_TURNS));
    const opened = ci.totalConnections;
    expect([...served].sort()).toEqual([...contents].sort());
    // The next requests open sockets only in place of those on trial.
    const again = contents.map((content) => watch(pool.ask('served', content)));
    await Promise.all(again.map(({ ended }) => ended));
    expect(again.every(({ outcome }) => outcome === 'reply')).toBe(true);
    expect(ci.totalConnections - opened).toBeLessThanOrEqual(correlation === 'byId' ? 0 : TRIALS);
    expect(ci.totalConnections).toBeLessThanOrEqual(mostLinks(correlation, MAX_CONNECTIONS, TCP_TURNS));
  });
});
