import fc from 'fast-check';
import { type Act, ciNames, type Fate, type FaultyName, type PeerManner, type PoolBounds, tell } from './acts.js';

const ms = (max: number) => fc.integer({ min: 1, max });
const ci = fc.constantFrom(...ciNames);
const faulty = fc.constantFrom<FaultyName>('apollo', 'hermes');
const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>('answer') },
  { weight: 4, arbitrary: fc.constantFrom<Fate>('twice', 'lose', 'hang', 'error', 'misfit', 'half', 'reset') },
);

const send = fc.record({
  do: fc.constant('send' as const),
  what: fc.constantFrom('ask' as const, 'ask' as const, 'stream' as const, 'note' as const, 'info' as const),
  ci,
  deadlineMs: ms(200),
  latencyMs: ms(120),
  fate,
  whenDown: fc.constantFrom('fail' as const, 'wait' as const),
  priority: fc.constantFrom('normal' as const, 'high' as const, 'low' as const),
  signal: fc.constantFrom('none' as const, 'none' as const, 'shared' as const),
  retries: fc.constantFrom(0, 0, 0, 2),
});
const broadcast = fc.record({
  do: fc.constant('broadcast' as const),
  replyMode: fc.constantFrom('whole' as const, 'stream' as const),
  deadlineMs: ms(200),
  latencyMs: ms(120),
  fate,
});
const outage = fc.record({
  do: fc.constantFrom('refuse' as const, 'hangDials' as const, 'hangUpOnDials' as const, 'stopReading' as const),
  ci: faulty,
  ms: ms(150),
});

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 12, arbitrary: send },
  { weight: 2, arbitrary: broadcast },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('giveUp' as const), which: fc.nat(10) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sendAndGiveUp' as const), ci }) },
  { weight: 1, arbitrary: fc.constant<Act>({ do: 'abort' }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: ms(90) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('add' as const, 'remove' as const), ci, drainTimeoutMs: fc.nat(100) }),
  },
  { weight: 1, arbitrary: fc.constant<Act>({ do: 'warm' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('breakLinks' as const),
      ci: faulty,
      how: fc.constantFrom('reset' as const, 'end' as const),
    }),
  },
  { weight: 2, arbitrary: outage },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('stray' as const),
      ci: faulty,
      type: fc.constantFrom('chat_response' as const, 'pong' as const, 'stream_chunk' as const),
    }),
  },
);
const close = fc.record({ do: fc.constant('close' as const), drainTimeoutMs: fc.nat(100) });

/** The acts of a story: in one of four stories the pool is closed somewhere on the way. */
export const story: fc.Arbitrary<readonly Act[]> = fc
  .tuple(
    fc.array(act.map(inWords), { minLength: 1, maxLength: 30, size: 'max' }),
    fc.option(fc.tuple(fc.nat(30), close.map(inWords)), { freq: 3 }),
  )
  .map(([acts, closing]) => {
    if (closing === null) return acts;
    const [at, closeAct] = closing;
    return [...acts.slice(0, at), closeAct, ...acts.slice(at)];
  });

export const manners: fc.Arbitrary<readonly PeerManner[]> = fc.array(
  fc.record({
    correlation: fc.constantFrom('ordered' as const, 'byId' as const),
    streaming: fc.constantFrom('frames' as const, 'legacy' as const, 'none' as const),
    cuts: fc.array(fc.record({ atByte: fc.nat(120), delayMs: fc.nat(2) }), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 3 },
);

export const bounds: fc.Arbitrary<PoolBounds> = fc.record({
  maxConnections: fc.integer({ min: 1, max: 3 }),
  pipelining: fc.constantFrom(1, 1, 2, 3),
  maxWaiting: fc.integer({ min: 1, max: 20 }),
  maxInFlight: fc.constantFrom(256, 2, 5),
  maxDials: fc.integer({ min: 1, max: 4 }),
  healthIntervalMs: fc.constantFrom(30_000, 60, 200),
});

/** The act, which prints as a sentence. */
export function inWords<T extends Act>(plain: T): T {
  return Object.defineProperty({ ...plain }, fc.toStringMethod, { value: () => `\n  ${tell(plain)}` });
}
