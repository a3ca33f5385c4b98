import { type ActorRefFrom, assign, emit, setup } from 'xstate';

/** Configures the supervision of a pool. */
export interface PoolInput {
  /** Crashes of one CI's connections within `restartWindowMs` that lead to a restart; one more quarantines the CI. */
  readonly maxRestarts: number;
  /** Time within which crashes are counted, in ms. */
  readonly restartWindowMs: number;
}

/** Holds the machine's data. Plain data only: the connections are supervised by reference, in a table outside. */
export interface PoolContext extends PoolInput {
  /** Times of the crashes that still count, by CI, in ms; at most `maxRestarts + 1` each. */
  readonly crashes: Readonly<Record<string, readonly number[]>>;
  /** The quarantined CIs, with the time of their quarantine, in ms. */
  readonly quarantined: Readonly<Record<string, number>>;
  /** How long a drain may take, in ms. */
  readonly drainTimeoutMs: number;
}

/** Lists the events that the pool's machine receives. */
export type PoolEvent =
  | { readonly type: 'connection.crashed'; readonly ci: string; readonly at: number }
  | { readonly type: 'ci.forgotten'; readonly ci: string }
  | { readonly type: 'drain'; readonly timeoutMs: number }
  | { readonly type: 'drained' };

/** Lists the events that the pool's machine emits. */
export type PoolEmitted =
  | { readonly type: 'ci.restarted'; readonly ci: string }
  | { readonly type: 'ci.quarantined'; readonly ci: string }
  | { readonly type: 'pool.closed'; readonly reason: 'drained' | 'drain_timeout' };

type Crash = { readonly ci: string; readonly at: number };

function crashesWithin(context: PoolContext, { ci, at }: Crash): readonly number[] {
  // A CI may be called `constructor`: only what is the record's own counts.
  const crashes = Object.hasOwn(context.crashes, ci) ? (context.crashes[ci] ?? []) : [];
  return [...crashes.filter((crash) => at - crash < context.restartWindowMs), at];
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  const { [key]: _, ...rest } = record;
  return rest;
}

const poolSetup = setup({
  types: {
    input: {} as PoolInput,
    context: {} as PoolContext,
    events: {} as PoolEvent,
    emitted: {} as PoolEmitted,
    tags: {} as 'accepting',
  },
  actions: {
    countCrash: assign({
      crashes: ({ context }, params: Crash) => ({ ...context.crashes, [params.ci]: crashesWithin(context, params) }),
    }),
    quarantine: assign({
      quarantined: ({ context }, params: Crash) => ({ ...context.quarantined, [params.ci]: params.at }),
      crashes: ({ context }, params: Crash) => without(context.crashes, params.ci),
    }),
    forget: assign({
      quarantined: ({ context }, params: { readonly ci: string }) => without(context.quarantined, params.ci),
      crashes: ({ context }, params: { readonly ci: string }) => without(context.crashes, params.ci),
    }),
    setDrainTimeout: assign({ drainTimeoutMs: (_, params: { readonly timeoutMs: number }) => params.timeoutMs }),
    announceRestart: emit((_, params: Crash): PoolEmitted => ({ type: 'ci.restarted', ci: params.ci })),
    announceQuarantine: emit((_, params: Crash): PoolEmitted => ({ type: 'ci.quarantined', ci: params.ci })),
    announceClosed: emit(
      (_, params: { readonly reason: 'drained' | 'drain_timeout' }): PoolEmitted => ({
        type: 'pool.closed',
        reason: params.reason,
      }),
    ),
  },
  guards: {
    isQuarantined: ({ context }, params: Crash) => Object.hasOwn(context.quarantined, params.ci),
    isWithinIntensity: ({ context }, params: Crash) => crashesWithin(context, params).length <= context.maxRestarts,
  },
  delays: { drainTimeout: ({ context }) => context.drainTimeoutMs },
});

/**
 * Supervises all connections of a pool. It restarts what crashes with a bounded intensity, as an OTP supervisor does
 * (at most R restarts in T), quarantines the CI beyond that, drains, and closes.
 *
 * A lost link is no crash: its own machine backs off. A crash is a bug in an actor of the library or of a transport.
 *
 * @see OTP Design Principles, "Maximum Restart Intensity".
 */
export const poolMachine = poolSetup.createMachine({
  id: 'pool',
  description: 'The supervisor of all connections of a pool.',
  context: ({ input }) => ({ ...input, crashes: {}, quarantined: {}, drainTimeoutMs: 0 }),
  initial: 'running',
  states: {
    running: {
      description: 'Takes requests; restarts connections that crash.',
      tags: ['accepting'],
      on: {
        'connection.crashed': [
          {
            guard: { type: 'isQuarantined', params: ({ event }) => event },
            description: 'The CI is given up on already: a crash of another of its connections changes nothing.',
          },
          {
            guard: { type: 'isWithinIntensity', params: ({ event }) => event },
            description: 'Few enough crashes of this CI within the window: let it open connections again.',
            actions: [
              { type: 'countCrash', params: ({ event }) => event },
              { type: 'announceRestart', params: ({ event }) => event },
            ],
          },
          {
            description: 'Too many crashes: quarantine the CI, so that it cannot spin.',
            actions: [
              { type: 'quarantine', params: ({ event }) => event },
              { type: 'announceQuarantine', params: ({ event }) => event },
            ],
          },
        ],
        'ci.forgotten': {
          description: 'Removed, or its quarantine lifted by hand: it begins again with a clean record.',
          actions: { type: 'forget', params: ({ event }) => event },
        },
        drain: {
          target: 'draining',
          description: 'close() was called.',
          actions: { type: 'setDrainTimeout', params: ({ event }) => event },
        },
      },
    },
    draining: {
      description: 'Takes no more requests; those under way may finish, for at most the drain timeout.',
      on: {
        drained: {
          target: 'closed',
          description: 'Nothing is outstanding any more.',
          actions: { type: 'announceClosed', params: { reason: 'drained' } },
        },
      },
      after: {
        drainTimeout: {
          target: 'closed',
          description: 'Time is over: what is left is cut.',
          actions: { type: 'announceClosed', params: { reason: 'drain_timeout' } },
        },
      },
    },
    closed: { description: 'Final: every connection is closed.', type: 'final' },
  },
});

/** Refers to a running pool machine. */
export type PoolActor = ActorRefFrom<typeof poolMachine>;
