import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Connection } from '../../src/pool/connection.js';
import { pick } from '../../src/pool/pick.js';

type Candidate = Pick<Connection, 'name' | 'state' | 'hasPlace' | 'inFlight'>;

function candidate(name: string, state: 'healthy' | 'degraded', inFlight: number, place: 'free' | 'none' = 'free') {
  return { name, state, inFlight, hasPlace: place === 'free' } satisfies Candidate;
}

const pickOf = (candidates: readonly Candidate[]) => pick(candidates as readonly Connection[]) as Candidate | undefined;

describe('pick', () => {
  test('nobody, where there is nobody', () => {
    expect(pickOf([])).toBeUndefined();
  });

  test('nobody, where no connection has a place', () => {
    expect(pickOf([candidate('a', 'healthy', 0, 'none'), candidate('b', 'degraded', 0, 'none')])).toBeUndefined();
  });

  test('the one with the least in flight', () => {
    expect(
      pickOf([candidate('a', 'healthy', 2), candidate('b', 'healthy', 1), candidate('c', 'healthy', 3)])?.name,
    ).toBe('b');
  });

  test('the first of equals, so that an idle pool keeps to few connections', () => {
    expect(pickOf([candidate('a', 'healthy', 1), candidate('b', 'healthy', 1)])?.name).toBe('a');
  });

  test.each([
    ['after', [candidate('a', 'degraded', 0), candidate('b', 'healthy', 9)]],
    ['before', [candidate('b', 'healthy', 9), candidate('a', 'degraded', 0)]],
  ])('a healthy one that comes %s an idle degraded one', (_where, candidates) => {
    expect(pickOf(candidates)?.name).toBe('b');
  });

  test('a degraded one, rather than none', () => {
    expect(pickOf([candidate('a', 'healthy', 0, 'none'), candidate('b', 'degraded', 5)])?.name).toBe('b');
  });
});

test('none that has a place is better than the one that was picked', () => {
  const any = fc.record({
    name: fc.string(),
    state: fc.constantFrom('healthy' as const, 'degraded' as const),
    inFlight: fc.nat(300),
    hasPlace: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 8 }), (candidates) => {
      const rank = ({ state, inFlight }: Candidate) => (state === 'healthy' ? 0 : 1_000) + inFlight;
      const [best] = candidates.filter(({ hasPlace }) => hasPlace).sort((a, b) => rank(a) - rank(b));
      expect(pickOf(candidates)).toBe(best);
    }),
  );
});
