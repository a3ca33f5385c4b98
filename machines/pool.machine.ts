import { type ActorRefFrom, assign, emit, setup } from 'xstate';

/** Describes how a pool is supervised. */
export interface PoolInput {
  /** Crashes of one CI's connections within `restartWindowMs` that lead to a restart. */
  readonly maxRestarts: number;
  /** The time within which crashes count, in ms. */
  readonly restartWindowMs: number;
}

/** Records by the name of the CI. A CI without a record costs nothing. */
type ByCi<T> = Readonly<Record<string, T>>;

/** Holds plain data only: the connections are supervised by reference, in a table outside. */
export interface PoolContext extends PoolInput {
  /** Times of the crashes that still count; at most `maxRestarts + 1` for each CI. */
  readonly crashes: ByCi<readonly number[]>;
  /** The quarantined CIs, with the time. */
  readonly quarantined: ByCi<number>;
  /** CIs with one connection that is kept up: `warm` by `pool.warm()`, `carried` by a proxy. */
  readonly keptUp: ByCi<'warm' | 'carried'>;
  /** How many CIs of a name were removed and still drain. */
  readonly removing: ByCi<number>;
  /** How long a drain may take, in ms. */
  readonly drainTimeoutMs: number;
}

/** Lists the events of a pool's machine. */
export type PoolEvent =
  | { readonly type: 'connection.crashed'; readonly ci: string; readonly at: number }
  | { readonly type: 'cis.keep_up'; readonly cis: readonly string[]; readonly how: 'warm' | 'carried' }
  | { readonly type: 'ci.readmit'; readonly ci: string }
  | { readonly type: 'ci.remove'; readonly ci: string }
  | { readonly type: 'ci.removed'; readonly ci: string }
  | { readonly type: 'drain'; readonly timeoutMs: number }
  | { readonly type: 'drained' }
  | { readonly type: 'connections.closed' };

/** Lists what a pool's machine emits: its decisions about CIs, and its own states. */
export type PoolEmitted =
  | { readonly type: 'ci.restarting'; readonly ci: string }
  | { readonly type: 'ci.quarantined'; readonly ci: string }
  | { readonly type: 'ci.readmitted'; readonly ci: string }
  | { readonly type: 'pool.entered'; readonly state: 'running' | 'draining' | 'closing' | 'closed' };

type Crash = { readonly ci: string; readonly at: number };
type OfCi = { readonly ci: string };

function crashesWithin(context: PoolContext, { ci, at }: Crash): readonly number[] {
  return [...(of(context.crashes, ci) ?? []).filter((crash) => at - crash < context.restartWindowMs), at];
}

/** Returns a record of a CI. Only own fields count, because a CI may be called `constructor`. */
function of<T>(record: ByCi<T>, ci: string): T | undefined {
  return Object.hasOwn(record, ci) ? record[ci] : undefined;
}

function without<T>(record: ByCi<T>, ci: string): ByCi<T> {
  const { [ci]: _, ...rest } = record;
  return rest;
}

const poolSetup = setup({
  types: {
    input: {} as PoolInput,
    context: {} as PoolContext,
    events: {} as PoolEvent,
    emitted: {} as PoolEmitted,
  },
  actions: {
    countCrash: assign({
      crashes: ({ context }, crash: Crash) => ({ ...context.crashes, [crash.ci]: crashesWithin(context, crash) }),
    }),
    quarantine: assign({
      quarantined: ({ context }, { ci, at }: Crash) => ({ ...context.quarantined, [ci]: at }),
      crashes: ({ context }, { ci }: Crash) => without(context.crashes, ci),
    }),
    forget: assign({
      quarantined: ({ context }, { ci }: OfCi) => without(context.quarantined, ci),
      crashes: ({ context }, { ci }: OfCi) => without(context.crashes, ci),
    }),
    letGo: assign({ keptUp: ({ context }, { ci }: OfCi) => without(context.keptUp, ci) }),
    keepUp: assign({
      keptUp: ({ context }, { cis, how }: Extract<PoolEvent, { type: 'cis.keep_up' }>) => ({
        ...context.keptUp,
        // A carried CI stays carried.
        ...Object.fromEntries(cis.map((ci) => [ci, of(context.keptUp, ci) === 'carried' ? 'carried' : how])),
      }),
    }),
    countRemoving: assign({
      removing: ({ context }, { ci }: OfCi) => ({ ...context.removing, [ci]: (of(context.removing, ci) ?? 0) + 1 }),
    }),
    countRemoved: assign({
      removing: ({ context }, { ci }: OfCi) => {
        const left = (of(context.removing, ci) ?? 1) - 1;
        return left > 0 ? { ...context.removing, [ci]: left } : without(context.removing, ci);
      },
    }),
    setDrainTimeout: assign({ drainTimeoutMs: (_, { timeoutMs }: { readonly timeoutMs: number }) => timeoutMs }),
    announceRestart: emit((_, { ci }: OfCi): PoolEmitted => ({ type: 'ci.restarting', ci })),
    announceQuarantine: emit((_, { ci }: OfCi): PoolEmitted => ({ type: 'ci.quarantined', ci })),
    announceReadmission: emit((_, { ci }: OfCi): PoolEmitted => ({ type: 'ci.readmitted', ci })),
    announce: emit(
      (_, { state }: { readonly state: Extract<PoolEmitted, { type: 'pool.entered' }>['state'] }): PoolEmitted => ({
        type: 'pool.entered',
        state,
      }),
    ),
  },
  guards: {
    isQuarantined: ({ context }, { ci }: OfCi) => Object.hasOwn(context.quarantined, ci),
    isWithinIntensity: ({ context }, crash: Crash) => crashesWithin(context, crash).length <= context.maxRestarts,
  },
  delays: { drainTimeout: ({ context }) => context.drainTimeoutMs },
});

/**
 * Supervises all connections of a pool. It restarts crashed ones, at most R times within T, as an OTP supervisor does;
 * one more crash quarantines the CI. It also drains and closes the pool.
 *
 * A lost link is not a crash: the connection's own machine backs off. A crash is a bug in an actor or a transport.
 *
 * @see OTP Design Principles, "Maximum Restart Intensity".
 */
export const poolMachine = poolSetup.createMachine({
  id: 'pool',
  description: 'Supervises the connections of all agents (CIs) of a pool, and drains and closes the pool.',
  context: ({ input }) => ({ ...input, crashes: {}, quarantined: {}, keptUp: {}, removing: {}, drainTimeoutMs: 0 }),
  initial: 'running',
  on: {
    'ci.removed': {
      description: 'A CI that was removed has drained, and its connections are closed.',
      actions: { type: 'countRemoved', params: ({ event }) => event },
    },
  },
  states: {
    running: {
      description: 'Takes requests; restarts connections that crash.',
      entry: { type: 'announce', params: { state: 'running' } },
      on: {
        'connection.crashed': [
          {
            guard: { type: 'isQuarantined', params: ({ event }) => event },
            description: 'The CI is quarantined already: one more crash changes nothing.',
          },
          {
            guard: { type: 'isWithinIntensity', params: ({ event }) => event },
            description: 'At most maxRestarts crashes of this CI within the window: it may open connections again.',
            actions: [
              { type: 'countCrash', params: ({ event }) => event },
              { type: 'announceRestart', params: ({ event }) => event },
            ],
          },
          {
            description: 'One crash too many within the window: the CI is quarantined.',
            actions: [
              { type: 'quarantine', params: ({ event }) => event },
              { type: 'announceQuarantine', params: ({ event }) => event },
            ],
          },
        ],
        'cis.keep_up': {
          description: 'warm() was called, or a proxy serves these CIs: one connection of each is kept up.',
          actions: { type: 'keepUp', params: ({ event }) => event },
        },
        'ci.readmit': {
          guard: { type: 'isQuarantined', params: ({ event }) => event },
          description: 'The quarantine is lifted in the inspector: past crashes no longer count.',
          actions: [
            { type: 'forget', params: ({ event }) => event },
            { type: 'announceReadmission', params: ({ event }) => event },
          ],
        },
        'ci.remove': {
          description: 'remove() was called: the name is free, and past crashes no longer count.',
          actions: [
            { type: 'forget', params: ({ event }) => event },
            { type: 'letGo', params: ({ event }) => event },
            { type: 'countRemoving', params: ({ event }) => event },
          ],
        },
        drain: {
          target: 'draining',
          description: 'close() was called.',
          actions: { type: 'setDrainTimeout', params: ({ event }) => event },
        },
      },
    },
    draining: {
      description:
        'Takes no more requests; those in flight and in the queue may finish, for at most the drain timeout.',
      entry: { type: 'announce', params: { state: 'draining' } },
      on: {
        drained: { target: 'closing', description: 'No request is outstanding.' },
      },
      after: {
        drainTimeout: { target: 'closing', description: 'The time is over: the pool cuts the requests that are left.' },
      },
    },
    closing: {
      description: 'Closes every connection.',
      entry: { type: 'announce', params: { state: 'closing' } },
      on: { 'connections.closed': { target: 'closed', description: 'Every connection is closed.' } },
    },
    closed: {
      description: 'Final: no socket is open.',
      entry: { type: 'announce', params: { state: 'closed' } },
      type: 'final',
    },
  },
});

/** Names a running pool supervisor. */
export type PoolActor = ActorRefFrom<typeof poolMachine>;
