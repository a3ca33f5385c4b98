import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/connection/connection.js';
import { OwnLinks, sharedLinks } from '../../../src/pool/placing.js';
import type { PendingRequest } from '../../../src/request/pending-request.js';

type Candidate = Pick<Connection, 'name' | 'state' | 'hasSlot' | 'inFlight'>;

function candidate(name: string, state: 'healthy' | 'degraded', inFlight: number, place: 'free' | 'none' = 'free') {
  return { name, state, inFlight, hasSlot: place === 'free' } satisfies Candidate;
}

const request = { isAlone: false } as PendingRequest;
const pickOf = (candidates: readonly Candidate[]) =>
  sharedLinks.pick(candidates as readonly Connection[], request, 4) as Candidate | undefined;

describe('shared links: picks', () => {
  test('none if there are none', () => {
    expect(pickOf([])).toBeUndefined();
  });

  test('none if no connection has a free slot', () => {
    expect(pickOf([candidate('a', 'healthy', 0, 'none'), candidate('b', 'degraded', 0, 'none')])).toBeUndefined();
  });

  test('the connection with the fewest in flight', () => {
    expect(
      pickOf([candidate('a', 'healthy', 2), candidate('b', 'healthy', 1), candidate('c', 'healthy', 3)])?.name,
    ).toBe('b');
  });

  test('the first of equals, so that an idle pool uses few connections', () => {
    expect(pickOf([candidate('a', 'healthy', 1), candidate('b', 'healthy', 1)])?.name).toBe('a');
  });

  test.each([
    ['after', [candidate('a', 'degraded', 0), candidate('b', 'healthy', 9)]],
    ['before', [candidate('b', 'healthy', 9), candidate('a', 'degraded', 0)]],
  ])('a healthy one that comes %s an idle degraded one', (_where, candidates) => {
    expect(pickOf(candidates)?.name).toBe('b');
  });

  test('a degraded connection, rather than none', () => {
    expect(pickOf([candidate('a', 'healthy', 0, 'none'), candidate('b', 'degraded', 5)])?.name).toBe('b');
  });
});

test('no connection with a free slot is better than the pick', () => {
  const any = fc.record({
    name: fc.string(),
    state: fc.constantFrom('healthy' as const, 'degraded' as const),
    inFlight: fc.nat(300),
    hasSlot: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 8 }), (candidates) => {
      const rank = ({ state, inFlight }: Candidate) => (state === 'healthy' ? 0 : 1_000) + inFlight;
      const [best] = candidates.filter(({ hasSlot }) => hasSlot).sort((a, b) => rank(a) - rank(b));
      expect(pickOf(candidates)).toBe(best);
    }),
  );
});

describe('own links', () => {
  /** A link that is up, with this many requests in flight. */
  const link = (name: string, inFlight: number, isLinked = true) =>
    ({
      name,
      state: 'healthy',
      inFlight,
      isLinked,
      hasSlot: isLinked,
      session: { isEmpty: inFlight === 0 },
    }) as unknown as Connection;
  const alone = { isAlone: true } as PendingRequest;

  test.each([
    ['an empty one before all others', [link('a', 1), link('b', 0)], 2, request, 'b'],
    ['none if one more could be opened', [link('a', 1), link('b', 1)], 3, request, undefined],
    ['none if one is still connecting', [link('a', 1), link('b', 0, false)], 2, request, undefined],
    ['the one with the fewest in flight if the limit is reached', [link('a', 2), link('b', 1)], 2, request, 'b'],
    ['none for a request that must be alone, if no link is empty', [link('a', 2), link('b', 1)], 2, alone, undefined],
    ['an empty one for a request that must be alone', [link('a', 2), link('b', 0)], 2, alone, 'b'],
  ])('picks %s', (_what, links, most, asking, name) => {
    const placing = new OwnLinks(() => 0);
    expect(placing.pick(links, asking, most)?.name).toBe(name);
    const taking = links.filter((one) => placing.mayTake(one, asking, links, most)).map((one) => one.name);
    if (name === undefined) expect(taking).toEqual([]);
    else expect(taking).toContain(name);
  });

  test('shares none for 30 s after a link was lost with several requests on it, then shares again', () => {
    let nowMs = 1_000;
    const placing = new OwnLinks(() => nowMs);
    const links = [link('a', 1), link('b', 2)];
    placing.linkDied(1);
    expect(placing.pick(links, request, 2)?.name).toBe('a');
    placing.linkDied(2);
    expect(placing.pick(links, request, 2)).toBeUndefined();
    expect(placing.mayTake(links[0] as Connection, request, links, 2)).toBe(false);
    nowMs += 29_999;
    expect(placing.pick(links, request, 2)).toBeUndefined();
    nowMs += 1;
    expect(placing.pick(links, request, 2)?.name).toBe('a');
  });
});
