import { type ActorRefFrom, assign, emit, setup } from 'xstate';
import { backoffDelayMs, nextSeed, restMs } from './backoff.js';
import { unprovided } from './unprovided.js';

/** Configures a connection's machine. All times are in ms. */
export interface ConnectionInput {
  /** The CI's name. */
  readonly ci: string;
  /** The connection's name in its pool, such as `apollo#1`. */
  readonly connection: string;
  /** Start of the random sequence for jitter: an integer. */
  readonly seed: number;
  /** Longest dial, in ms. */
  readonly connectTimeoutMs: number;
  /** Mean of the first backoff, in ms. */
  readonly reconnectDelayMs: number;
  /** Longest backoff, in ms. */
  readonly maxReconnectDelayMs: number;
  /** Heartbeats missed in a row after which the link is dead. */
  readonly maxMissedHeartbeats: number;
}

/** Holds the machine's data. Plain data only: the socket belongs to the link actor. */
export interface ConnectionContext extends ConnectionInput {
  /** Whether a request or `warm()` wants the link now. */
  readonly demand: 'wanted' | 'unwanted';
  /** Failures since the last proven link. */
  readonly attempt: number;
  /** The current or last backoff, in ms. */
  readonly delayMs: number;
  /** What caused the last dial: a request (`demand`), or the end of a delay (`upkeep`). */
  readonly dialledFor: 'demand' | 'upkeep';
  /** Heartbeats missed in a row. */
  readonly missedHeartbeats: number;
  /** Why the connection is degraded. A pong clears `silent` only; a successful request clears both. */
  readonly suspicion: 'none' | 'silent' | 'failing';
}

/** Says what a link had achieved when it ended. */
export interface LinkRecord {
  /** `useful` if it answered at least once, `proven` if it was also up for `provenUptimeMs`, else `unproven`. */
  readonly record: 'proven' | 'useful' | 'unproven';
  /** Whether a request or `warm()` wants a link now. */
  readonly demand: 'wanted' | 'unwanted';
}

/** Lists the events that a connection's machine receives, from the pool and from its link and heartbeat actors. */
export type ConnectionEvent =
  | { readonly type: 'connect' }
  | { readonly type: 'hurry' }
  | { readonly type: 'release' }
  | { readonly type: 'close'; readonly reason: string }
  | { readonly type: 'link.queued' }
  | { readonly type: 'link.dialling' }
  | { readonly type: 'link.up' }
  | ({ readonly type: 'link.lost'; readonly reason: string } & LinkRecord)
  | { readonly type: 'heartbeat.answered' }
  | ({ readonly type: 'heartbeat.missed' } & LinkRecord)
  | { readonly type: 'requests.failing' }
  | { readonly type: 'requests.succeeding' };

/** Announces each change between the public states. */
export interface StateEntered {
  /** The event's type. */
  readonly type: 'state.entered';
  /** The state that was entered. */
  readonly state: 'idle' | 'connecting' | 'healthy' | 'degraded' | 'reconnecting' | 'closed';
  /** Why, for people; do not compare it in code. */
  readonly reason: string;
  /** Failed attempts in a row. */
  readonly attempt: number;
  /** The backoff that begins, in ms; 0 if none does. */
  readonly delayMs: number;
}

const connectionSetup = setup({
  types: {
    input: {} as ConnectionInput,
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    emitted: {} as StateEntered,
    tags: {} as StateEntered['state'] | 'accepting',
  },
  actors: {
    link: unprovided<ConnectionEvent, { readonly connection: string }>('link'),
    heartbeat: unprovided<ConnectionEvent, { readonly connection: string; readonly pace: 'calm' | 'urgent' }>(
      'heartbeat',
    ),
  },
  actions: {
    want: assign({ demand: 'wanted' }),
    release: assign({ demand: 'unwanted' }),
    noteDemand: assign({ demand: (_, params: LinkRecord) => params.demand }),
    dialForDemand: assign({ dialledFor: 'demand' }),
    dialForUpkeep: assign({ dialledFor: 'upkeep' }),
    forgetFailures: assign({ attempt: 0, delayMs: 0 }),
    forgetDelay: assign({ delayMs: 0 }),
    planUpkeep: assign(({ context }) => ({ delayMs: backoffDelayMs(context, 1), seed: nextSeed(context.seed) })),
    planBackoff: assign(({ context }, params: { readonly record: LinkRecord['record'] }) => {
      const attempt = params.record === 'proven' ? 1 : context.attempt + 1;
      const delayMs = backoffDelayMs(context, attempt, restMs(context, attempt));
      return { attempt, delayMs, seed: nextSeed(context.seed) };
    }),
    suspectSilence: assign(({ context }) => ({
      // Failing weighs more: an answered heartbeat must not lay that.
      suspicion: context.suspicion === 'failing' ? ('failing' as const) : ('silent' as const),
      missedHeartbeats: context.missedHeartbeats + 1,
    })),
    suspectFailures: assign({ suspicion: 'failing' }),
    trust: assign({ suspicion: 'none', missedHeartbeats: 0 }),
    noteAlive: assign({ missedHeartbeats: 0 }),
    announce: emit(
      ({ context }, params: { readonly state: StateEntered['state']; readonly reason: string }): StateEntered => ({
        type: 'state.entered',
        state: params.state,
        reason: params.reason,
        attempt: context.attempt,
        delayMs: params.state === 'reconnecting' || params.state === 'idle' ? context.delayMs : 0,
      }),
    ),
  },
  guards: {
    isWanted: ({ context }) => context.demand === 'wanted',
    isUsefulAndWanted: (_, params: LinkRecord) => params.record !== 'unproven' && params.demand === 'wanted',
    isUseful: (_, params: LinkRecord) => params.record !== 'unproven',
    isOnlySilent: ({ context }) => context.suspicion === 'silent',
    isOutOfHeartbeats: ({ context }) => context.missedHeartbeats + 1 >= context.maxMissedHeartbeats,
  },
  delays: {
    connectTimeout: ({ context }) => context.connectTimeoutMs,
    backoff: ({ context }) => context.delayMs,
  },
});

/**
 * Controls one connection to one CI. It receives the events that can change its state, and never a request or a chunk.
 *
 * The public states are tags. Leaving `linked` closes the socket, because the link actor is invoked there.
 */
export const connectionMachine = connectionSetup.createMachine({
  id: 'connection',
  description: 'One connection to one CI: dialled when wanted, watched while linked, backed off when lost.',
  context: ({ input }) => ({
    ...input,
    demand: 'unwanted',
    attempt: 0,
    delayMs: 0,
    dialledFor: 'demand',
    missedHeartbeats: 0,
    suspicion: 'none',
  }),
  initial: 'idle',
  on: {
    close: {
      target: '.closed',
      description: 'Drained, removed or retired: nothing will want this connection again.',
      actions: { type: 'announce', params: ({ event }) => ({ state: 'closed', reason: event.reason }) },
    },
  },
  states: {
    idle: {
      description: 'No socket, and none wanted.',
      tags: ['idle'],
      on: {
        connect: {
          target: 'linked',
          description: 'A request waits, or the CI is being warmed.',
          actions: ['want', 'dialForDemand', { type: 'announce', params: { state: 'connecting', reason: 'wanted' } }],
        },
      },
    },
    resting: {
      description:
        'A link that had been of use was lost, and is kept up: dialled again after a while, or when asked for.',
      tags: ['idle'],
      on: {
        connect: {
          target: 'linked',
          description: 'A request waits: the CI is not known to be down.',
          actions: ['want', 'dialForDemand', { type: 'announce', params: { state: 'connecting', reason: 'wanted' } }],
        },
      },
      after: {
        backoff: {
          target: 'linked',
          description: 'Long enough that those who lost their links together do not come back together.',
          actions: ['dialForUpkeep', { type: 'announce', params: { state: 'connecting', reason: 'kept_up' } }],
        },
      },
    },
    linked: {
      description: 'Owns the link: entering dials, leaving closes the socket, also mid-dial.',
      initial: 'connecting',
      invoke: {
        id: 'link',
        src: 'link',
        input: ({ context }) => ({ connection: context.connection }),
        onError: {
          target: 'reconnecting',
          description: 'The link actor itself failed: treated as a lost link.',
          actions: [
            { type: 'planBackoff', params: { record: 'unproven' } },
            { type: 'announce', params: { state: 'reconnecting', reason: 'link_failed' } },
          ],
        },
      },
      on: {
        connect: { description: 'Wanted again while the link stands.', actions: 'want' },
        'link.lost': [
          {
            guard: { type: 'isUsefulAndWanted', params: ({ event }) => event },
            target: 'resting',
            description: 'A link that had been of use went, and something wants it back.',
            actions: [
              'forgetFailures',
              'planUpkeep',
              { type: 'announce', params: ({ event }) => ({ state: 'idle', reason: event.reason }) },
            ],
          },
          {
            guard: { type: 'isUseful', params: ({ event }) => event },
            target: 'idle',
            description: 'A link that had been of use went: its CI is up, as far as anybody knows.',
            actions: [
              'release',
              'forgetFailures',
              { type: 'announce', params: ({ event }) => ({ state: 'idle', reason: event.reason }) },
            ],
          },
          {
            target: 'reconnecting',
            description: 'The dial failed, or the link was lost.',
            actions: [
              { type: 'noteDemand', params: ({ event }) => event },
              { type: 'planBackoff', params: ({ event }) => event },
              { type: 'announce', params: ({ event }) => ({ state: 'reconnecting', reason: event.reason }) },
            ],
          },
        ],
      },
      states: {
        connecting: {
          description: 'Dialling, or waiting for leave to (the pool caps simultaneous dials).',
          tags: ['connecting'],
          initial: 'dialling',
          states: {
            queued: {
              description: 'Waiting for the pool to allow one more dial.',
              on: { 'link.dialling': { target: 'dialling', description: 'The dial begins; its time runs.' } },
            },
            dialling: {
              description: 'The dial is under way, for at most connectTimeoutMs.',
              on: { 'link.queued': { target: 'queued', description: 'As many dials are under way as may be.' } },
              after: {
                connectTimeout: {
                  target: '#connection.reconnecting',
                  description: 'The peer did not take the connection in time.',
                  actions: [
                    { type: 'planBackoff', params: { record: 'unproven' } },
                    { type: 'announce', params: { state: 'reconnecting', reason: 'connect_timeout' } },
                  ],
                },
              },
            },
          },
          on: {
            'link.up': {
              target: 'healthy',
              description: 'The socket is up (and TLS, where there is any).',
              actions: ['trust', { type: 'announce', params: { state: 'healthy', reason: 'link_up' } }],
            },
          },
        },
        healthy: {
          description: 'Linked; answers come.',
          tags: ['healthy', 'accepting'],
          invoke: {
            id: 'heartbeat',
            src: 'heartbeat',
            input: ({ context }) => ({ connection: context.connection, pace: 'calm' }),
            onError: {
              target: 'degraded',
              description: 'The heartbeat actor itself failed: nobody watches, so the link is suspect.',
              actions: [
                'suspectSilence',
                { type: 'announce', params: { state: 'degraded', reason: 'heartbeat_failed' } },
              ],
            },
          },
          on: {
            'heartbeat.missed': [
              {
                guard: 'isOutOfHeartbeats',
                target: '#connection.reconnecting',
                description: 'The only heartbeat that may be missed was: dead.',
                actions: [
                  { type: 'noteDemand', params: ({ event }) => event },
                  { type: 'planBackoff', params: ({ event }) => event },
                  { type: 'announce', params: { state: 'reconnecting', reason: 'heartbeat_missed' } },
                ],
              },
              {
                target: 'degraded',
                description: 'Not one byte came within heartbeatTimeoutMs of a ping.',
                actions: [
                  'suspectSilence',
                  { type: 'announce', params: { state: 'degraded', reason: 'heartbeat_missed' } },
                ],
              },
            ],
            'requests.failing': {
              target: 'degraded',
              description: 'Requests failed in a row: alive perhaps, but not ready.',
              actions: [
                'suspectFailures',
                { type: 'announce', params: { state: 'degraded', reason: 'requests_failing' } },
              ],
            },
          },
        },
        degraded: {
          description: 'Linked and used, but suspect: requests prefer another connection of the CI.',
          tags: ['degraded', 'accepting'],
          invoke: {
            id: 'heartbeat',
            src: 'heartbeat',
            input: ({ context }) => ({ connection: context.connection, pace: 'urgent' }),
            onError: {
              target: '#connection.reconnecting',
              description: 'The heartbeat actor failed on a link that was suspect already: start anew.',
              actions: [
                { type: 'planBackoff', params: { record: 'unproven' } },
                { type: 'announce', params: { state: 'reconnecting', reason: 'heartbeat_failed' } },
              ],
            },
          },
          on: {
            'requests.failing': {
              description: 'It was silent, and now requests fail on it, too.',
              actions: 'suspectFailures',
            },
            'requests.succeeding': {
              target: 'healthy',
              description: 'A request succeeded: alive and ready.',
              actions: ['trust', { type: 'announce', params: { state: 'healthy', reason: 'requests_succeeding' } }],
            },
            'heartbeat.answered': [
              {
                guard: 'isOnlySilent',
                target: 'healthy',
                description: 'It was only silent, and speaks again.',
                actions: ['trust', { type: 'announce', params: { state: 'healthy', reason: 'heartbeat_answered' } }],
              },
              {
                description: 'Alive is not ready: a pong does not make up for failing requests.',
                actions: 'noteAlive',
              },
            ],
            'heartbeat.missed': [
              {
                guard: 'isOutOfHeartbeats',
                target: '#connection.reconnecting',
                description: 'Too many heartbeats missed in a row: dead.',
                actions: [
                  { type: 'noteDemand', params: ({ event }) => event },
                  { type: 'planBackoff', params: ({ event }) => event },
                  { type: 'announce', params: { state: 'reconnecting', reason: 'heartbeat_missed' } },
                ],
              },
              { description: 'One more missed; not dead yet.', actions: 'suspectSilence' },
            ],
          },
        },
      },
    },
    reconnecting: {
      description: 'Lost; waiting out the backoff (exponential, full jitter, before the first retry, too).',
      tags: ['reconnecting'],
      on: {
        connect: { description: 'Something waits for it: dial again when the backoff is over.', actions: 'want' },
        release: { description: 'Nothing waits for it any more.', actions: 'release' },
        hurry: {
          target: 'linked',
          description: 'A request came, and the last dial is a while ago: perhaps the CI is back.',
          actions: ['dialForDemand', { type: 'announce', params: { state: 'connecting', reason: 'asked_for' } }],
        },
      },
      after: {
        backoff: [
          {
            guard: 'isWanted',
            target: 'linked',
            description: 'The backoff is over: dial again.',
            actions: ['dialForUpkeep', { type: 'announce', params: { state: 'connecting', reason: 'backoff_over' } }],
          },
          {
            target: 'idle',
            description: 'Nothing wants it. Past failures still count at the next dial.',
            actions: ['forgetDelay', { type: 'announce', params: { state: 'idle', reason: 'unwanted' } }],
          },
        ],
      },
    },
    closed: {
      description: 'Final: no socket, no timer, and none to come.',
      tags: ['closed'],
      type: 'final',
    },
  },
});

/** Refers to a running connection machine. */
export type ConnectionActor = ActorRefFrom<typeof connectionMachine>;
