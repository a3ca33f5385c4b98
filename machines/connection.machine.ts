import type { ActorRefFrom } from 'xstate';
import { connectionSetup, nothing, type Wanted } from './connection-setup.js';

const byWhom = ({ event }: { event: Wanted }): Wanted => event;

/**
 * One connection to one CI. It receives what changes a state, never a request or a chunk.
 *
 * The public states are tags, announced on entry. Leaving `linked` closes the socket, because the link actor is invoked
 * there.
 */
export const connectionMachine = connectionSetup.createMachine({
  id: 'connection',
  description: 'One connection to one CI: dialled when wanted, watched while linked, backed off when lost.',
  context: ({ input }) => ({
    ...input,
    wantedBy: 'nobody',
    attempt: 0,
    delayMs: 0,
    dialledFor: 'demand',
    missedHeartbeats: 0,
    failuresInRow: 0,
    suspicion: 'none',
  }),
  initial: 'idle',
  on: {
    close: {
      target: '.closed',
      description: 'The CI was removed or quarantined, the pool closes, or an operator closes it.',
    },
    retire: { target: '.closed', description: 'It must take no more requests, and none is in flight.' },
  },
  states: {
    idle: {
      description: 'No socket, and none wanted.',
      tags: ['idle'],
      entry: { type: 'announce', params: ({ event }) => ({ state: 'idle', event }) },
      on: {
        wanted: {
          target: 'linked',
          description: 'A request waits, or the CI is being warmed.',
          actions: [{ type: 'want', params: byWhom }, 'dialForDemand'],
        },
      },
    },
    resting: {
      description:
        'A link that had answered was lost, and is kept up: redialled after a delay, or when a request wants it.',
      tags: ['idle'],
      entry: { type: 'announce', params: ({ event }) => ({ state: 'idle', event }) },
      on: {
        wanted: {
          target: 'linked',
          description: 'A request waits: the CI is not known to be down.',
          actions: [{ type: 'want', params: byWhom }, 'dialForDemand'],
        },
      },
      after: {
        backoff: {
          target: 'linked',
          description:
            'The delay is over. It is random, so that clients that lost their links together do not redial together.',
          actions: 'dialForUpkeep',
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
          actions: { type: 'planBackoff', params: nothing },
        },
      },
      on: {
        wanted: { description: 'Wanted again while the link is up.', actions: { type: 'want', params: byWhom } },
        'link.lost': [
          {
            guard: { type: 'isOutOfStep', params: ({ event }) => event },
            target: 'closed',
            description:
              'A CI that answers sent something out of step: it is not down, so another connection replaces this one.',
          },
          {
            guard: { type: 'hasAnsweredAndIsKeptUp', params: ({ event }) => event },
            target: 'resting',
            description: 'A link that had answered was lost, and is kept up.',
            actions: ['forgetFailures', 'planUpkeep'],
          },
          {
            guard: { type: 'hasAnswered', params: ({ event }) => event },
            target: 'idle',
            description: 'A link that had answered was lost: the CI counts as up.',
            actions: ['unwant', 'forgetFailures'],
          },
          {
            target: 'reconnecting',
            description: 'The dial failed, or the link was lost before it answered.',
            actions: { type: 'planBackoff', params: ({ event }) => event },
          },
        ],
      },
      states: {
        connecting: {
          description: 'Dialling, or waiting for permission to dial (the pool limits simultaneous dials).',
          tags: ['connecting'],
          entry: { type: 'announce', params: ({ event }) => ({ state: 'connecting', event }) },
          initial: 'dialling',
          states: {
            queued: {
              description: 'Waiting until the pool allows one more dial.',
              on: { 'link.dialling': { target: 'dialling', description: 'The dial begins; its timeout runs.' } },
            },
            dialling: {
              description: 'Dialling, for at most connectTimeoutMs.',
              on: { 'link.queued': { target: 'queued', description: 'maxDials dials are running.' } },
              after: {
                connectTimeout: {
                  target: '#connection.reconnecting',
                  description: 'The peer did not accept the connection in time.',
                  actions: { type: 'planBackoff', params: nothing },
                },
              },
            },
          },
          on: {
            'link.up': {
              target: 'healthy',
              description: 'The socket is up, and so is TLS if it is used.',
              actions: ['trust', 'forgetRequestFailures', 'satisfyRequests'],
            },
          },
        },
        healthy: {
          description: 'Linked, and answers arrive.',
          tags: ['healthy'],
          entry: { type: 'announce', params: ({ event }) => ({ state: 'healthy', event }) },
          invoke: {
            id: 'heartbeat',
            src: 'heartbeat',
            input: ({ context }) => ({ connection: context.connection, pace: 'calm' }),
            onError: {
              target: 'degraded',
              description: 'The heartbeat actor itself failed: the link is not watched, so it is suspect.',
              actions: 'suspectSilence',
            },
          },
          on: {
            'heartbeat.missed': [
              {
                guard: 'isOutOfHeartbeats',
                target: '#connection.reconnecting',
                description: 'maxMissedHeartbeats is 1: the link is dead.',
                actions: { type: 'planBackoff', params: ({ event }) => event },
              },
              {
                target: 'degraded',
                description: 'No byte came within heartbeatTimeoutMs after a ping.',
                actions: 'suspectSilence',
              },
            ],
            'link.suspect': {
              target: 'degraded',
              description: 'The wire reports that the peer is not ready.',
              actions: 'suspectFailures',
            },
            'request.failed': [
              {
                guard: 'isOutOfFailures',
                target: 'degraded',
                description: 'degradeAfterFailures requests failed in a row: perhaps alive, but not ready.',
                actions: ['countFailure', 'suspectFailures'],
              },
              { description: 'One more request failed; fewer than degradeAfterFailures.', actions: 'countFailure' },
            ],
            'request.succeeded': {
              description: 'A request succeeded after others had failed.',
              actions: 'forgetRequestFailures',
            },
            retire: [
              {
                guard: { type: 'isUnused', params: ({ event }) => event },
                target: '#connection.closed',
                description: 'It must take no more requests, and none is in flight.',
              },
              {
                target: 'retiring',
                description: 'It must take no more requests; those in flight may finish.',
              },
            ],
          },
        },
        degraded: {
          description: 'Linked and used, but suspect: requests prefer another connection of the CI.',
          tags: ['degraded'],
          entry: { type: 'announce', params: ({ event }) => ({ state: 'degraded', event }) },
          invoke: {
            id: 'heartbeat',
            src: 'heartbeat',
            input: ({ context }) => ({ connection: context.connection, pace: 'urgent' }),
            onError: {
              target: '#connection.reconnecting',
              description: 'The heartbeat actor failed on a link that was suspect already: dial anew.',
              actions: { type: 'planBackoff', params: nothing },
            },
          },
          on: {
            'link.suspect': { description: 'The wire reports it, too.', actions: 'suspectFailures' },
            'request.failed': [
              {
                guard: 'isOutOfFailures',
                description: 'It was silent, and now requests fail, too.',
                actions: ['countFailure', 'suspectFailures'],
              },
              { description: 'One more request failed; fewer than degradeAfterFailures.', actions: 'countFailure' },
            ],
            'request.succeeded': {
              target: 'healthy',
              description: 'A request succeeded: alive and ready.',
              actions: ['trust', 'forgetRequestFailures'],
            },
            'heartbeat.answered': [
              {
                guard: 'isOnlySilent',
                target: 'healthy',
                description: 'It was only silent, and answers again.',
                actions: 'trust',
              },
              {
                description: 'Alive is not ready: a pong does not clear failing requests.',
                actions: 'noteAlive',
              },
            ],
            'heartbeat.missed': [
              {
                guard: 'isOutOfHeartbeats',
                target: '#connection.reconnecting',
                description: 'maxMissedHeartbeats heartbeats were missed in a row: the link is dead.',
                actions: { type: 'planBackoff', params: ({ event }) => event },
              },
              { description: 'One more missed; not dead yet.', actions: 'suspectSilence' },
            ],
            retire: [
              {
                guard: { type: 'isUnused', params: ({ event }) => event },
                target: '#connection.closed',
                description: 'It must take no more requests, and none is in flight.',
              },
              {
                target: 'retiring',
                description: 'It must take no more requests; those in flight may finish.',
              },
            ],
          },
        },
        retiring: {
          description: 'Takes no more requests; closes when those in flight have ended. Their deadlines limit that.',
          tags: ['retiring'],
          entry: { type: 'announce', params: ({ event }) => ({ state: 'retiring', event }) },
          on: {
            'requests.over': { target: '#connection.closed', description: 'The last request has ended.' },
            'link.lost': { target: '#connection.closed', description: 'The link was lost: it is not redialled.' },
            'xstate.error.actor.link': { target: '#connection.closed', description: 'The link actor itself failed.' },
            retire: { description: 'It retires already.' },
          },
        },
      },
    },
    reconnecting: {
      description: 'The link was lost: waits out the backoff (exponential, full jitter, before the first redial, too).',
      tags: ['reconnecting'],
      entry: { type: 'announce', params: ({ event }) => ({ state: 'reconnecting', event }) },
      on: {
        wanted: {
          description: 'Wanted: redial when the backoff is over.',
          actions: { type: 'want', params: byWhom },
        },
        unwanted: { guard: 'isWantedByRequests', description: 'No request waits for it any more.', actions: 'unwant' },
        hurry: {
          target: 'linked',
          description: 'A request came, and the last dial was long enough ago: the CI may be back.',
          actions: 'dialForDemand',
        },
      },
      after: {
        backoff: [
          {
            guard: 'isWanted',
            target: 'linked',
            description: 'The backoff is over: redial.',
            actions: 'dialForUpkeep',
          },
          {
            target: 'idle',
            description: 'The backoff is over, and nothing wants it. Past failures still count at the next dial.',
            actions: 'forgetDelay',
          },
        ],
      },
    },
    closed: {
      description: 'Final: no socket and no timer.',
      tags: ['closed'],
      entry: { type: 'announce', params: ({ event }) => ({ state: 'closed', event }) },
      type: 'final',
    },
  },
});

/** Names a running connection. */
export type ConnectionActor = ActorRefFrom<typeof connectionMachine>;
